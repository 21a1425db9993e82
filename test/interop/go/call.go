package main

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"time"

	"github.com/go-kit/kit/endpoint"
	"google.golang.org/grpc/status"
)

// call is what a test asks this peer to call.
type call struct {
	ID       int               `json:"id"`
	Wire     string            `json:"wire"`
	Target   string            `json:"target"`
	Prefix   string            `json:"prefix"`
	Method   string            `json:"method"`
	Input    json.RawMessage   `json:"input"`
	Metadata map[string]string `json:"metadata"`
	// TimeoutMs is the deadline of the call's context, CancelMs when it is cancelled; 0 for never.
	TimeoutMs int `json:"timeoutMs"`
	CancelMs  int `json:"cancelMs"`
}

type failed struct {
	Error string `json:"error"`
	// Code is a status of gRPC, HTTP or the services protocol of NATS, Details what stands beside it.
	Code    any `json:"code,omitempty"`
	Message any `json:"message,omitempty"`
	Details any `json:"details,omitempty"`
}

type answer struct {
	ID      int         `json:"id"`
	Value   any         `json:"value,omitempty"`
	Failed  *failed     `json:"failed,omitempty"`
	Headers http.Header `json:"headers"`
}

func (c call) run() answer {
	got := http.Header{}
	wires := map[string]func(call, http.Header) endpoint.Endpoint{
		"http": call.overHTTP, "proto": call.overProto, "grpc": call.overGRPC, "nats": call.overNATS,
		"services":   func(c call, _ http.Header) endpoint.Endpoint { return c.asksServices() },
		"reflection": func(c call, _ http.Header) endpoint.Endpoint { return c.asksReflection() },
	}
	ctx := context.Background()
	if c.TimeoutMs > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, time.Duration(c.TimeoutMs)*time.Millisecond)
		defer cancel()
	}
	if c.CancelMs > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithCancel(ctx)
		time.AfterFunc(time.Duration(c.CancelMs)*time.Millisecond, cancel)
	}
	value, err := wires[c.Wire](c, got)(ctx, c.request())
	if err != nil {
		return answer{ID: c.ID, Failed: failedOf(err), Headers: got}
	}
	return answer{ID: c.ID, Value: value, Headers: got}
}

func (c call) request() any {
	switch c.Method {
	case "uppercase":
		return read[uppercaseRequest](c.Input)
	case "change":
		return read[values](c.Input)
	}
	return read[slowRequest](c.Input)
}

func read[T any](input []byte) any {
	var v T
	must(json.Unmarshal(input, &v))
	return v
}

func failedOf(err error) *failed {
	f := &failed{Error: err.Error()}
	var overHTTP httpFailure
	var overNATS natsFailure
	if errors.As(err, &overHTTP) {
		f.Code, f.Message = overHTTP.status, string(overHTTP.content)
	} else if errors.As(err, &overNATS) {
		f.Code, f.Message = overNATS.code, string(overNATS.content)
	} else if s, ok := status.FromError(err); ok {
		f.Code, f.Message, f.Details = s.Code().String(), s.Message(), describe(s)
	}
	return f
}
