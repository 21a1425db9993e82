package main

import (
	"bufio"
	"encoding/json"
	"flag"
	"fmt"
	"net"
	"os"
	"sync"
)

func main() {
	natsURL := flag.String("nats", "", "a NATS server, host:port; without it NATS is left out")
	flag.Parse()

	httpAddr := serveHTTP()
	grpcAddr := serveGRPC()
	if *natsURL != "" {
		serveNATS(*natsURL)
	}
	say(map[string]any{"listening": map[string]string{"http": httpAddr, "grpc": grpcAddr}})

	lines := bufio.NewScanner(os.Stdin)
	lines.Buffer(nil, 16<<20)
	for lines.Scan() {
		var c call
		must(json.Unmarshal(lines.Bytes(), &c))
		go func() { say(c.run()) }()
	}
}

var out struct {
	sync.Mutex
	*json.Encoder
}

func init() { out.Encoder = json.NewEncoder(os.Stdout) }

// say writes one line for the tests.
func say(line any) {
	out.Lock()
	defer out.Unlock()
	must(out.Encode(line))
}

func listen() net.Listener {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	must(err)
	return l
}

func must(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
