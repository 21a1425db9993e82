package main

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"time"

	"github.com/go-kit/kit/endpoint"
	kitgrpc "github.com/go-kit/kit/transport/grpc"
	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/protoadapt"
	"google.golang.org/protobuf/types/known/durationpb"
	"google.golang.org/protobuf/types/known/structpb"

	"interop/pb"
)

type stringsServer struct {
	pb.UnimplementedStringsServer
	uppercase, change, slow kitgrpc.Handler
}

func (s stringsServer) Uppercase(ctx context.Context, r *pb.UppercaseRequest) (*pb.UppercaseReply, error) {
	return served[*pb.UppercaseReply](ctx, s.uppercase, r)
}

func (s stringsServer) Change(ctx context.Context, r *pb.ChangeRequest) (*pb.ChangeReply, error) {
	return served[*pb.ChangeReply](ctx, s.change, r)
}

func (s stringsServer) Slow(ctx context.Context, r *pb.SlowRequest) (*pb.SlowReply, error) {
	return served[*pb.SlowReply](ctx, s.slow, r)
}

// served has a reply or a status: Go kit leaves it to the service to make one of an error.
func served[T any](ctx context.Context, h kitgrpc.Handler, request any) (reply T, err error) {
	_, r, err := h.ServeGRPC(ctx, request)
	if err != nil {
		return reply, statusOf(err).Err()
	}
	return r.(T), nil
}

func serveGRPC() string {
	handler := func(e endpoint.Endpoint) kitgrpc.Handler {
		dec := func(_ context.Context, m any) (any, error) { return fromMessage(m.(proto.Message)), nil }
		enc := func(_ context.Context, v any) (any, error) { return replyMessage(v), nil }
		return kitgrpc.NewServer(e, dec, enc,
			kitgrpc.ServerBefore(func(ctx context.Context, md metadata.MD) context.Context {
				return context.WithValue(ctx, requestID{}, strings.Join(md.Get("x-request-id"), ","))
			}),
			// Not SetResponseHeader: it writes to a nil map, and the process ends.
			kitgrpc.ServerAfter(func(ctx context.Context, h, t *metadata.MD) context.Context {
				*h = metadata.Pairs("x-served-by", "go-kit")
				*t = metadata.Pairs("x-ended-by", "go-kit")
				return ctx
			}))
	}
	s := grpc.NewServer()
	pb.RegisterStringsServer(s, stringsServer{uppercase: handler(uppercase), change: handler(change), slow: handler(slow("grpc"))})
	l := listen()
	go func() { must(s.Serve(l)) }()
	return l.Addr().String()
}

var grpcCodes = map[string]codes.Code{
	"invalid_argument": codes.InvalidArgument, "resource_exhausted": codes.ResourceExhausted, "aborted": codes.Aborted,
}

// statusOf writes a failure as Google's APIs do: a reason, when to come again, which field was wrong.
func statusOf(err error) *status.Status {
	var f failure
	if !errors.As(err, &f) {
		return status.FromContextError(err)
	}
	details := []protoadapt.MessageV1{&errdetails.ErrorInfo{Reason: f.tag, Domain: "interop.v1"}}
	if ms, ok := f.details["retryAfter"].(int); ok {
		details = append(details, &errdetails.RetryInfo{RetryDelay: durationpb.New(time.Duration(ms) * time.Millisecond)})
	} else if f.details != nil {
		s, err := structpb.NewStruct(f.details)
		must(err)
		details = append(details, s)
	}
	if f.field != "" {
		details = append(details, &errdetails.BadRequest{FieldViolations: []*errdetails.BadRequest_FieldViolation{{Field: f.field, Description: "something good"}}})
	}
	s, err := status.New(grpcCodes[f.code], f.message).WithDetails(details...)
	must(err)
	return s
}

func (c call) overGRPC(got http.Header) endpoint.Endpoint {
	cc, err := grpc.NewClient(c.Target, grpc.WithTransportCredentials(insecure.NewCredentials()))
	must(err)
	options := []kitgrpc.ClientOption{
		kitgrpc.ClientAfter(func(ctx context.Context, header, trailer metadata.MD) context.Context {
			for k, v := range metadata.Join(header, trailer) {
				got[k] = v
			}
			return ctx
		}),
	}
	for k, v := range c.Metadata {
		options = append(options, kitgrpc.ClientBefore(kitgrpc.SetRequestHeader(k, v)))
	}
	replies := map[string]any{"uppercase": pb.UppercaseReply{}, "change": pb.ChangeReply{}, "slow": pb.SlowReply{}}
	reply, ok := replies[c.Method]
	if !ok {
		reply = pb.SlowReply{}
	}
	enc := func(_ context.Context, v any) (any, error) { return requestMessage(v), nil }
	dec := func(_ context.Context, m any) (any, error) { return fromMessage(m.(proto.Message)), nil }
	method := strings.ToUpper(c.Method[:1]) + c.Method[1:]
	e := kitgrpc.NewClient(cc, "interop.v1.Strings", method, enc, dec, reply, options...).Endpoint()
	return func(ctx context.Context, request any) (any, error) {
		defer cc.Close()
		return e(ctx, request)
	}
}

// describe says what stands in the details of a status.
func describe(s *status.Status) []any {
	var all []any
	for _, d := range s.Details() {
		switch d := d.(type) {
		case *errdetails.ErrorInfo:
			all = append(all, map[string]any{"reason": d.Reason, "domain": d.Domain})
		case *errdetails.RetryInfo:
			all = append(all, map[string]any{"retryDelayMs": d.RetryDelay.AsDuration().Milliseconds()})
		case *errdetails.BadRequest:
			for _, v := range d.FieldViolations {
				all = append(all, map[string]any{"field": v.Field, "description": v.Description})
			}
		case *structpb.Struct:
			all = append(all, d.AsMap())
		default:
			panic("a detail that nobody expects")
		}
	}
	return all
}
