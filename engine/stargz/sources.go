package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"github.com/containerd/stargz-snapshotter/fs/remote"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"
)

const (
	// Set by Berth, under a prefix that containerd hands on to snapshotters.
	referenceLabel = "containerd.io/snapshot/remote/stargz.reference"
	sizeLabel      = "containerd.io/snapshot/berth.size"

	chunkBytes = 1 << 20
	// A server that is restarted, and a registry that is away for a moment, are waited for.
	patience = 2 * time.Minute
	pause    = 200 * time.Millisecond
)

// sources says where the bytes of layers come from.
type sources struct {
	blobs  string
	client *http.Client
}

func newClient(socket string) *http.Client {
	dial := func(ctx context.Context, _, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, "unix", socket)
	}
	return &http.Client{Transport: &http.Transport{DialContext: dial, MaxIdleConnsPerHost: 8}}
}

// Handle is asked for each layer that is mounted.
func (s sources) Handle(_ context.Context, layer ocispec.Descriptor) (remote.Fetcher, int64, error) {
	size, err := strconv.ParseInt(layer.Annotations[sizeLabel], 10, 64)
	if err != nil {
		return nil, 0, fmt.Errorf("the label %s is no size: %w", sizeLabel, err)
	}
	query := url.Values{"reference": {layer.Annotations[referenceLabel]}}
	return &blob{
		sources: s,
		file:    filepath.Join(s.blobs, layer.Digest.Algorithm().String(), layer.Digest.Encoded()),
		address: "http://berth/blobs/" + layer.Digest.String() + "?" + query.Encode(),
		id:      layer.Digest.Encoded(),
	}, size, nil
}

type blob struct {
	sources
	file, address, id string
}

func (b *blob) Check() error { return nil }

func (b *blob) GenID(offset, size int64) string { return fmt.Sprintf("%s-%d-%d", b.id, offset, size) }

func (b *blob) Fetch(ctx context.Context, offset, size int64) (io.ReadCloser, error) {
	for deadline := time.Now().Add(patience); ; {
		if file, err := os.Open(b.file); err == nil {
			return section{io.NewSectionReader(file, offset, size), file}, nil
		}
		body, err := b.ask(ctx, offset, size)
		if err == nil || time.Now().After(deadline) || errors.Is(err, errRefused) {
			return body, err
		}
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-time.After(pause):
		}
	}
}

var errRefused = errors.New("refused")

func (b *blob) ask(ctx context.Context, offset, size int64) (io.ReadCloser, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, b.address, nil)
	if err != nil {
		return nil, err
	}
	request.Header.Set("Range", fmt.Sprintf("bytes=%d-%d", offset, offset+size-1))
	answer, err := b.client.Do(request)
	if err != nil {
		return nil, err
	}
	if answer.StatusCode == http.StatusPartialContent {
		return answer.Body, nil
	}
	defer answer.Body.Close()
	reason, _ := io.ReadAll(io.LimitReader(answer.Body, 1000))
	err = fmt.Errorf("berth answered %d: %s", answer.StatusCode, reason)
	if answer.StatusCode < 500 {
		err = fmt.Errorf("%w: %w", errRefused, err)
	}
	return nil, err
}

type section struct {
	io.Reader
	io.Closer
}
