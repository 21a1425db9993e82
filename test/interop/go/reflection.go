package main

import (
	"context"
	"fmt"

	"github.com/go-kit/kit/endpoint"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	reflection "google.golang.org/grpc/reflection/grpc_reflection_v1"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protodesc"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/descriptorpb"
)

// asksReflection asks a gRPC server for its services and their files, links them as strictly as protoc would, and answers the
// methods of each service.
func (c call) asksReflection() endpoint.Endpoint {
	return func(ctx context.Context, _ any) (any, error) {
		cc, err := grpc.NewClient(c.Target, grpc.WithTransportCredentials(insecure.NewCredentials()))
		if err != nil {
			return nil, err
		}
		defer cc.Close()
		stream, err := reflection.NewServerReflectionClient(cc).ServerReflectionInfo(ctx)
		if err != nil {
			return nil, err
		}
		ask := func(r *reflection.ServerReflectionRequest) (*reflection.ServerReflectionResponse, error) {
			if err := stream.Send(r); err != nil {
				return nil, err
			}
			return stream.Recv()
		}
		listed, err := ask(&reflection.ServerReflectionRequest{MessageRequest: &reflection.ServerReflectionRequest_ListServices{}})
		if err != nil {
			return nil, err
		}
		found := map[string][]string{}
		set := &descriptorpb.FileDescriptorSet{}
		seen := map[string]bool{}
		for _, s := range listed.GetListServicesResponse().GetService() {
			told, err := ask(&reflection.ServerReflectionRequest{MessageRequest: &reflection.ServerReflectionRequest_FileContainingSymbol{FileContainingSymbol: s.Name}})
			if err != nil {
				return nil, err
			}
			for _, b := range told.GetFileDescriptorResponse().GetFileDescriptorProto() {
				f := &descriptorpb.FileDescriptorProto{}
				if err := proto.Unmarshal(b, f); err != nil {
					return nil, err
				}
				if !seen[f.GetName()] {
					seen[f.GetName()] = true
					set.File = append(set.File, f)
				}
			}
		}
		files, err := protodesc.NewFiles(set)
		if err != nil {
			return nil, err
		}
		for _, s := range listed.GetListServicesResponse().GetService() {
			d, err := files.FindDescriptorByName(protoreflect.FullName(s.Name))
			if err != nil {
				return nil, err
			}
			methods := d.(protoreflect.ServiceDescriptor).Methods()
			for i := range methods.Len() {
				m := methods.Get(i)
				found[s.Name] = append(found[s.Name], fmt.Sprintf("%s(%s) %s", m.Name(), m.Input().FullName(), m.Output().FullName()))
			}
		}
		return found, nil
	}
}
