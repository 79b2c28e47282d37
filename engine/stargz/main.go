// A snapshotter for containerd whose layers are mounted before they are on the machine: eStargz layers by way of FUSE, by the
// library of containerd's stargz-snapshotter. What it reads of a layer comes from containerd's content store once the layer is
// there, and until then from Berth, over a socket that only root may connect to. So it knows no registry and no secret.
package main

import (
	"context"
	"encoding/json"
	"flag"
	"log"
	"net"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"

	snapshotsapi "github.com/containerd/containerd/api/services/snapshots/v1"
	"github.com/containerd/containerd/v2/contrib/snapshotservice"
	"github.com/containerd/containerd/v2/core/remotes/docker"
	"github.com/containerd/containerd/v2/pkg/reference"
	"github.com/containerd/errdefs"
	stargzfs "github.com/containerd/stargz-snapshotter/fs"
	"github.com/containerd/stargz-snapshotter/fs/config"
	"github.com/containerd/stargz-snapshotter/service"
	"google.golang.org/grpc"
)

func main() {
	path := flag.String("config", "", "JSON file with the paths that it works with")
	flag.Parse()
	if err := run(*path); err != nil {
		log.Fatal(err)
	}
}

// paths are absolute.
type paths struct {
	Root   string // folder of snapshots and of what was read of layers
	Socket string // that containerd connects to
	Blobs  string // folder of the blobs of containerd's content store
	Source string // socket of Berth, for layers that are not in it yet
}

func run(file string) error {
	text, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	var at paths
	if err := json.Unmarshal(text, &at); err != nil {
		return err
	}
	return serve(at.Root, at.Socket, sources{blobs: at.Blobs, client: newClient(at.Source)})
}

func serve(root, socket string, from sources) error {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, syscall.SIGINT)
	defer stop()
	settings := &service.Config{
		// Berth brings the whole layer by itself.
		Config:            config.Config{NoBackgroundFetch: true, NoPrometheus: true, MaxConcurrency: 4},
		SnapshotterConfig: service.SnapshotterConfig{AllowInvalidMountsOnRestart: true},
	}
	settings.ChunkSize = chunkBytes
	noHosts := func(reference.Spec) ([]docker.RegistryHost, error) { return nil, errdefs.ErrNotFound }
	snapshotter, err := service.NewStargzSnapshotterService(ctx, root, settings,
		service.WithCustomRegistryHosts(noHosts),
		service.WithFilesystemOptions(stargzfs.WithResolveHandler("berth", from)))
	if err != nil {
		return err
	}
	defer snapshotter.Close()
	if err := os.MkdirAll(filepath.Dir(socket), 0o711); err != nil {
		return err
	}
	os.Remove(socket)
	syscall.Umask(0o077)
	listener, err := net.Listen("unix", socket)
	if err != nil {
		return err
	}
	server := grpc.NewServer()
	snapshotsapi.RegisterSnapshotsServer(server, snapshotservice.FromSnapshotter(snapshotter))
	go func() {
		<-ctx.Done()
		server.GracefulStop()
	}()
	return server.Serve(listener)
}
