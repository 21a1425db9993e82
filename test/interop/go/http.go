package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/go-kit/kit/endpoint"
	kithttp "github.com/go-kit/kit/transport/http"
)

func serveHTTP() string {
	m := http.NewServeMux()
	route := func(path string, e endpoint.Endpoint, dec kithttp.DecodeRequestFunc) {
		m.Handle("POST "+path, kithttp.NewServer(e, dec, kithttp.EncodeJSONResponse, httpHooks()...))
	}
	route("/uppercase", uppercase, decodeJSONRequest[uppercaseRequest])
	route("/change", change, decodeJSONRequest[values])
	route("/slow", slow("http"), decodeJSONRequest[slowRequest])
	routeProto(m)
	l := listen()
	go func() { must(http.Serve(l, m)) }()
	return "http://" + l.Addr().String()
}

// httpHooks put the caller's request id into the context, and its deadline, which Go kit's HTTP does not carry by itself.
func httpHooks() []kithttp.ServerOption {
	return []kithttp.ServerOption{
		kithttp.ServerBefore(func(ctx context.Context, r *http.Request) context.Context {
			ctx = context.WithValue(ctx, requestID{}, r.Header.Get("X-Request-Id"))
			return withTimeout(ctx, r.Header.Get("Request-Timeout-Ms"))
		}),
		kithttp.ServerAfter(kithttp.SetResponseHeader("X-Served-By", "go-kit")),
		kithttp.ServerErrorEncoder(func(ctx context.Context, err error, w http.ResponseWriter) {
			kithttp.DefaultErrorEncoder(ctx, named(err), w)
		}),
	}
}

// withTimeout takes the milliseconds that a caller says it waits; the context ends with them, or with its parent.
func withTimeout(ctx context.Context, ms string) context.Context {
	n, err := strconv.Atoi(ms)
	if err != nil {
		return ctx
	}
	ctx, cancel := context.WithTimeout(ctx, time.Duration(n)*time.Millisecond)
	context.AfterFunc(ctx, cancel)
	return ctx
}

func decodeJSONRequest[T any](_ context.Context, r *http.Request) (any, error) {
	var v T
	if err := json.NewDecoder(r.Body).Decode(&v); err != nil {
		return nil, failure{code: "invalid_argument", tag: "BadJson", message: err.Error()}
	}
	return v, nil
}

// The three interfaces by which Go kit's DefaultErrorEncoder learns of an error's status, headers and body.

func (f failure) StatusCode() int {
	return map[string]int{"invalid_argument": 400, "resource_exhausted": 429, "aborted": 409, "deadline_exceeded": 504}[f.code]
}

func (f failure) Headers() http.Header {
	if ms, ok := f.details["retryAfter"].(int); ok {
		return http.Header{"Retry-After": {strconv.Itoa(ms / 1000)}}
	}
	return nil
}

func (f failure) MarshalJSON() ([]byte, error) {
	body := map[string]any{"code": f.code, "tag": f.tag, "detail": f.message}
	if f.details != nil {
		body["details"] = f.details
	}
	if f.field != "" {
		body["details"] = map[string]any{"issues": []any{map[string]any{"path": f.field, "expected": "something good", "actual": "something else"}}}
	}
	return json.Marshal(body)
}

// httpFailure is an answer that is no success.
type httpFailure struct {
	status  int
	header  http.Header
	content []byte
}

func (f httpFailure) Error() string { return fmt.Sprintf("%d: %s", f.status, f.content) }

func decodeJSONResponse[T any](_ context.Context, r *http.Response) (any, error) {
	if err := failedAnswer(r); err != nil {
		return nil, err
	}
	var v T
	err := json.NewDecoder(r.Body).Decode(&v)
	return v, err
}

func failedAnswer(r *http.Response) error {
	if r.StatusCode == http.StatusOK {
		return nil
	}
	content, err := io.ReadAll(r.Body)
	if err != nil {
		return err
	}
	return httpFailure{status: r.StatusCode, header: r.Header, content: content}
}

func (c call) overHTTP(got http.Header) endpoint.Endpoint {
	at := func(path string, dec kithttp.DecodeResponseFunc) endpoint.Endpoint {
		u, err := url.Parse(c.Target + path)
		must(err)
		return kithttp.NewClient("POST", u, kithttp.EncodeJSONRequest, dec, c.httpHooks(got)...).Endpoint()
	}
	switch c.Method {
	case "uppercase":
		return at("/uppercase", decodeJSONResponse[uppercaseReply])
	case "change":
		return at("/change", decodeJSONResponse[values])
	case "slow":
		return at("/slow", decodeJSONResponse[slowReply])
	}
	return at("/"+c.Method, decodeJSONResponse[any])
}

func (c call) httpHooks(got http.Header) []kithttp.ClientOption {
	options := []kithttp.ClientOption{
		kithttp.ClientAfter(func(ctx context.Context, r *http.Response) context.Context {
			for k, v := range r.Header {
				got[k] = v
			}
			return ctx
		}),
	}
	for k, v := range c.Metadata {
		options = append(options, kithttp.ClientBefore(kithttp.SetRequestHeader(k, v)))
	}
	return options
}
