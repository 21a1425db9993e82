package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"strings"

	"github.com/go-kit/kit/endpoint"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/micro"
)

// asksServices asks on $SRV.<method> and reads the answer as the NATS client's own types have it, with nothing left over.
func (c call) asksServices() endpoint.Endpoint {
	return func(ctx context.Context, _ any) (any, error) {
		nc, err := nats.Connect(c.Target)
		if err != nil {
			return nil, err
		}
		defer nc.Close()
		m, err := nc.RequestWithContext(ctx, "$SRV."+c.Method, nil)
		if err != nil {
			return nil, err
		}
		verb, _, _ := strings.Cut(c.Method, ".")
		into := map[string]any{"PING": &micro.Ping{}, "INFO": &micro.Info{}, "STATS": &micro.Stats{}}[verb]
		if into == nil {
			return nil, errors.New("no such verb: " + verb)
		}
		strict := json.NewDecoder(bytes.NewReader(m.Data))
		strict.DisallowUnknownFields()
		return into, strict.Decode(into)
	}
}
