package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"

	"github.com/go-kit/kit/endpoint"
	kitnats "github.com/go-kit/kit/transport/nats"
	"github.com/nats-io/nats.go"
)

// Where the contract's methods are served with failures as the services protocol of NATS has them, and as Go kit has them.
const (
	marked = "go.interop.v1.Strings."
	plain  = "kit.interop.v1.Strings."
)

func serveNATS(url string) {
	nc, err := nats.Connect(url)
	must(err)
	serve := func(subject string, e endpoint.Endpoint, dec kitnats.DecodeRequestFunc, options ...kitnats.SubscriberOption) {
		options = append(options, kitnats.SubscriberBefore(func(ctx context.Context, m *nats.Msg) context.Context {
			ctx = context.WithValue(ctx, requestID{}, header(m, "x-request-id"))
			return withTimeout(ctx, header(m, "request-timeout-ms"))
		}))
		s := kitnats.NewSubscriber(e, dec, kitnats.EncodeJSONResponse, options...)
		handle := s.ServeMsg(nc)
		// A subscription has one goroutine: a slow call must not hold up the others.
		_, err := nc.QueueSubscribe(subject, "go", func(m *nats.Msg) { go handle(m) })
		must(err)
	}
	for _, prefix := range []string{marked, plain} {
		var options []kitnats.SubscriberOption
		if prefix == marked {
			options = append(options, kitnats.SubscriberErrorEncoder(markFailure))
		}
		serve(prefix+"uppercase", uppercase, decodeNATS[uppercaseRequest], options...)
		serve(prefix+"change", change, decodeNATS[values], options...)
		serve(prefix+"slow", slow("nats"), decodeNATS[slowRequest], options...)
	}
	must(nc.Flush())
}

// header reads one that is written in lower case; nats.Header's Get changes the case of what it is asked for in some versions.
func header(m *nats.Msg, name string) string {
	if v := m.Header[name]; len(v) > 0 {
		return v[0]
	}
	return ""
}

func decodeNATS[T any](_ context.Context, m *nats.Msg) (any, error) {
	var v T
	if err := json.Unmarshal(m.Data, &v); err != nil {
		return nil, failure{code: "invalid_argument", tag: "BadJson", message: err.Error()}
	}
	return v, nil
}

// markFailure answers an error that cannot be taken for a success. Go kit's own encoder writes {"err": ...} and no header.
func markFailure(_ context.Context, err error, reply string, nc *nats.Conn) {
	code := "500"
	body := map[string]any{"code": "unknown", "message": err.Error()}
	var f failure
	if errors.As(named(err), &f) {
		code = fmt.Sprint(f.StatusCode())
		body = map[string]any{"code": f.code, "tag": f.tag, "message": f.message, "details": f.details}
	}
	data, err := json.Marshal(body)
	must(err)
	m := nats.NewMsg(reply)
	m.Header = nats.Header{"Nats-Service-Error-Code": {code}, "Nats-Service-Error": {fmt.Sprint(body["message"])}}
	m.Data = data
	must(nc.PublishMsg(m))
}

// natsFailure is an answer that says by its headers that it is none.
type natsFailure struct {
	code, message string
	content       []byte
}

func (f natsFailure) Error() string { return f.code + ": " + f.message }

func decodeNATSReply[T any](got http.Header) kitnats.DecodeResponseFunc {
	return func(_ context.Context, m *nats.Msg) (any, error) {
		for k, v := range m.Header {
			got[k] = v
		}
		if code := header(m, "Nats-Service-Error-Code"); code != "" {
			return nil, natsFailure{code: code, message: header(m, "Nats-Service-Error"), content: m.Data}
		}
		var v T
		err := json.Unmarshal(m.Data, &v)
		return v, err
	}
}

func (c call) overNATS(got http.Header) endpoint.Endpoint {
	nc, err := nats.Connect(c.Target)
	must(err)
	decoders := map[string]kitnats.DecodeResponseFunc{
		"uppercase": decodeNATSReply[uppercaseReply](got), "change": decodeNATSReply[values](got), "slow": decodeNATSReply[slowReply](got),
	}
	dec, ok := decoders[c.Method]
	if !ok {
		dec = decodeNATSReply[any](got)
	}
	e := kitnats.NewPublisher(nc, c.Prefix+"interop.v1.Strings."+c.Method, kitnats.EncodeJSONRequest, dec).Endpoint()
	return func(ctx context.Context, request any) (any, error) {
		defer nc.Close()
		return e(ctx, request)
	}
}
