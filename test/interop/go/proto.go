package main

import (
	"context"
	"io"
	"net/http"
	"net/url"

	"github.com/go-kit/kit/endpoint"
	kithttp "github.com/go-kit/kit/transport/http"
	kitproto "github.com/go-kit/kit/transport/http/proto"
	"google.golang.org/protobuf/proto"

	"interop/pb"
)

// routeProto serves the same endpoints with protobuf bodies.
func routeProto(m *http.ServeMux) {
	route := func(path string, e endpoint.Endpoint, empty func() proto.Message) {
		dec := func(_ context.Context, r *http.Request) (any, error) {
			message := empty()
			if err := readProto(r.Body, message); err != nil {
				return nil, failure{code: "invalid_argument", tag: "BadProto", message: err.Error()}
			}
			return fromMessage(message), nil
		}
		enc := func(ctx context.Context, w http.ResponseWriter, reply any) error {
			return kitproto.EncodeProtoResponse(ctx, w, replyMessage(reply))
		}
		m.Handle("POST /proto"+path, kithttp.NewServer(e, dec, enc, httpHooks()...))
	}
	route("/uppercase", uppercase, func() proto.Message { return &pb.UppercaseRequest{} })
	route("/change", change, func() proto.Message { return &pb.ChangeRequest{} })
	route("/slow", slow("proto"), func() proto.Message { return &pb.SlowRequest{} })
}

func readProto(r io.Reader, into proto.Message) error {
	b, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	return proto.Unmarshal(b, into)
}

func (c call) overProto(got http.Header) endpoint.Endpoint {
	at := func(path string, reply proto.Message) endpoint.Endpoint {
		u, err := url.Parse(c.Target + path)
		must(err)
		enc := func(ctx context.Context, r *http.Request, request any) error {
			return kitproto.EncodeProtoRequest(ctx, r, requestMessage(request))
		}
		dec := func(_ context.Context, r *http.Response) (any, error) {
			if err := failedAnswer(r); err != nil {
				return nil, err
			}
			if err := readProto(r.Body, reply); err != nil {
				return nil, err
			}
			return fromMessage(reply), nil
		}
		return kithttp.NewClient("POST", u, enc, dec, c.httpHooks(got)...).Endpoint()
	}
	switch c.Method {
	case "uppercase":
		return at("/uppercase", &pb.UppercaseReply{})
	case "change":
		return at("/change", &pb.ChangeReply{})
	}
	return at("/slow", &pb.SlowReply{})
}
