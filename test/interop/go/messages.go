package main

import (
	"fmt"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"

	"interop/pb"
)

// fromMessage makes of a message what the endpoints speak of.
func fromMessage(m proto.Message) any {
	switch m := m.(type) {
	case *pb.UppercaseRequest:
		return uppercaseRequest{S: m.S}
	case *pb.UppercaseReply:
		return uppercaseReply{V: m.V, RequestID: m.RequestId}
	case *pb.SlowRequest:
		return slowRequest{SleepMs: m.SleepMs}
	case *pb.SlowReply:
		return slowReply{HasDeadline: m.HasDeadline, RemainingMs: m.RemainingMs}
	case *pb.ChangeRequest:
		return values{
			Text: m.Text, Whole: m.Whole, Big: m.Big, Ratio: m.Ratio, Flag: m.Flag, Raw: m.Raw, At: m.At.AsTime(),
			Level: levels[int32(m.Level)], Names: m.Names, Counts: m.Counts, Inner: inner{m.Inner.GetText()}, Note: m.Note,
		}
	case *pb.ChangeReply:
		return values{
			Text: m.Text, Whole: m.Whole, Big: m.Big, Ratio: m.Ratio, Flag: m.Flag, Raw: m.Raw, At: m.At.AsTime(),
			Level: levels[int32(m.Level)], Names: m.Names, Counts: m.Counts, Inner: inner{m.Inner.GetText()}, Note: m.Note,
		}
	}
	panic(fmt.Sprintf("no such message: %T", m))
}

// requestMessage makes a message of what a client's endpoint was given.
func requestMessage(v any) proto.Message {
	switch v := v.(type) {
	case uppercaseRequest:
		return &pb.UppercaseRequest{S: v.S}
	case slowRequest:
		return &pb.SlowRequest{SleepMs: v.SleepMs}
	case values:
		return &pb.ChangeRequest{
			Text: v.Text, Whole: v.Whole, Big: v.Big, Ratio: v.Ratio, Flag: v.Flag, Raw: v.Raw, At: timestamppb.New(v.At),
			Level: pb.ChangeRequestLevel(levelOf(v.Level)), Names: v.Names, Counts: v.Counts,
			Inner: &pb.ChangeRequestInner{Text: v.Inner.Text}, Note: v.Note,
		}
	}
	panic(fmt.Sprintf("no message for %T", v))
}

// replyMessage makes a message of what a server's endpoint answered.
func replyMessage(v any) proto.Message {
	switch v := v.(type) {
	case uppercaseReply:
		return &pb.UppercaseReply{V: v.V, RequestId: v.RequestID}
	case slowReply:
		return &pb.SlowReply{HasDeadline: v.HasDeadline, RemainingMs: v.RemainingMs}
	case values:
		return &pb.ChangeReply{
			Text: v.Text, Whole: v.Whole, Big: v.Big, Ratio: v.Ratio, Flag: v.Flag, Raw: v.Raw, At: timestamppb.New(v.At),
			Level: pb.ChangeReplyLevel(levelOf(v.Level)), Names: v.Names, Counts: v.Counts,
			Inner: &pb.ChangeReplyInner{Text: v.Inner.Text}, Note: v.Note,
		}
	}
	panic(fmt.Sprintf("no message for %T", v))
}

var levels = map[int32]string{1: "low", 2: "high"}

func levelOf(name string) int32 {
	for n, l := range levels {
		if l == name {
			return n
		}
	}
	return 0
}
