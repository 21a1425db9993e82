package main

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/go-kit/kit/endpoint"
)

type uppercaseRequest struct {
	S string `json:"s"`
}

type uppercaseReply struct {
	V         string `json:"v"`
	RequestID string `json:"requestId"`
}

type slowRequest struct {
	SleepMs int64 `json:"sleepMs"`
}

type slowReply struct {
	HasDeadline bool  `json:"hasDeadline"`
	RemainingMs int64 `json:"remainingMs"`
}

type inner struct {
	Text string `json:"text"`
}

// values has one field of each kind that the contract has.
type values struct {
	Text   string           `json:"text"`
	Whole  int64            `json:"whole"`
	Big    int64            `json:"big,string"`
	Ratio  float64          `json:"ratio"`
	Flag   bool             `json:"flag"`
	Raw    []byte           `json:"raw"`
	At     time.Time        `json:"at"`
	Level  string           `json:"level"`
	Names  []string         `json:"names"`
	Counts map[string]int64 `json:"counts"`
	Inner  inner            `json:"inner"`
	Note   *string          `json:"note,omitempty"`
}

// failure is an error of the contract; each transport writes it in its own way.
type failure struct {
	code, tag, message string
	// details of a declared failure; nil for none
	details map[string]any
	// field that is wrong, for a plain invalid argument
	field string
}

func (f failure) Error() string { return f.message }

var (
	errEmpty = failure{code: "invalid_argument", tag: "EmptyText", message: "empty text", details: map[string]any{"field": "s"}}
	errQuota = failure{code: "resource_exhausted", tag: "Quota", message: "quota", details: map[string]any{"retryAfter": 3000}}
	errField = failure{code: "invalid_argument", tag: "InvalidArgument", message: "s: no good", field: "s"}
	errOther = failure{code: "aborted", tag: "Nobody.Declares", message: "undeclared"}
)

// named says in the contract's words that the time was up.
func named(err error) error {
	if errors.Is(err, context.DeadlineExceeded) {
		return failure{code: "deadline_exceeded", tag: "DeadlineExceeded", message: err.Error()}
	}
	return err
}

type requestID struct{}

func uppercase(ctx context.Context, request any) (any, error) {
	s := request.(uppercaseRequest).S
	switch s {
	case "":
		return nil, errEmpty
	case "!quota":
		return nil, errQuota
	case "!field":
		return nil, errField
	case "!other":
		return nil, errOther
	case "!plain":
		return nil, errors.New("plain failure")
	}
	id, _ := ctx.Value(requestID{}).(string)
	return uppercaseReply{V: strings.ToUpper(s), RequestID: id}, nil
}

func change(_ context.Context, request any) (any, error) {
	v := request.(values)
	v.Text = strings.ToUpper(v.Text)
	v.Whole++
	v.Big++
	v.Ratio *= 2
	v.Flag = !v.Flag
	slices.Reverse(v.Raw)
	v.At = v.At.Add(time.Millisecond)
	v.Level = map[string]string{"low": "high", "high": "low"}[v.Level]
	slices.Reverse(v.Names)
	for k := range v.Counts {
		v.Counts[k]++
	}
	v.Inner.Text = strings.ToUpper(v.Inner.Text)
	if v.Note != nil {
		*v.Note += "!"
	}
	return v, nil
}

// slow sleeps, unless its context ends before; it tells what its context said.
func slow(wire string) endpoint.Endpoint {
	return func(ctx context.Context, request any) (any, error) {
		deadline, ok := ctx.Deadline()
		reply := slowReply{HasDeadline: ok}
		if ok {
			reply.RemainingMs = time.Until(deadline).Milliseconds()
		}
		say(map[string]any{"event": "slow began", "wire": wire, "hasDeadline": ok, "remainingMs": reply.RemainingMs})
		select {
		case <-time.After(time.Duration(request.(slowRequest).SleepMs) * time.Millisecond):
			return reply, nil
		case <-ctx.Done():
			say(map[string]any{"event": "slow aborted", "wire": wire, "why": ctx.Err().Error()})
			return nil, ctx.Err()
		}
	}
}
