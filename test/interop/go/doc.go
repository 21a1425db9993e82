// Command interop is a peer made with the real Go kit: it serves the contract of ../strings.ts over HTTP (as JSON and as
// protobuf), gRPC and NATS, and calls whoever it is told to. It says where it listens and what happens on stdout, takes its
// calls from stdin, both one JSON object a line, and ends when stdin does.
//
// The package pb is made of proto/strings.proto, which is what grpc.toProto prints of the contract:
//
//	protoc --proto_path=proto --go_out=. --go_opt=module=interop --go_opt=Mstrings.proto=interop/pb \
//	  --go-grpc_out=. --go-grpc_opt=module=interop --go-grpc_opt=Mstrings.proto=interop/pb strings.proto
package main
