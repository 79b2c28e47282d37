// Makes an eStargz layer: reads a tar archive from the file that is its first argument, writes the layer to the second, and says
// the digests of both and of the layer's table of contents as JSON. What stands first in the archive is fetched first.
package main

import (
	"encoding/json"
	"io"
	"log"
	"os"

	"github.com/containerd/stargz-snapshotter/estargz"
)

func main() {
	if err := convert(os.Args[1], os.Args[2]); err != nil {
		log.Fatal(err)
	}
}

func convert(from, to string) error {
	archive, err := os.Open(from)
	if err != nil {
		return err
	}
	defer archive.Close()
	info, err := archive.Stat()
	if err != nil {
		return err
	}
	layer, err := estargz.Build(io.NewSectionReader(archive, 0, info.Size()), estargz.WithCompressionLevel(1))
	if err != nil {
		return err
	}
	defer layer.Close()
	target, err := os.Create(to)
	if err != nil {
		return err
	}
	if _, err := io.Copy(target, layer); err != nil {
		return err
	}
	if err := target.Close(); err != nil {
		return err
	}
	digests := map[string]string{"toc": layer.TOCDigest().String(), "diffId": layer.DiffID().String()}
	return json.NewEncoder(os.Stdout).Encode(digests)
}
