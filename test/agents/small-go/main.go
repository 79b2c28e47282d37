// A static agent of a few megabytes: says which machine it was built for, and what is in a file of its image.
package main

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"runtime"
)

func main() {
	http.HandleFunc("/ping", func(response http.ResponseWriter, _ *http.Request) {
		io.WriteString(response, `{"status":"Healthy"}`)
	})
	http.HandleFunc("/invocations", func(response http.ResponseWriter, request *http.Request) {
		var asked struct{ Read string }
		json.NewDecoder(request.Body).Decode(&asked)
		answer := map[string]string{"architecture": runtime.GOARCH}
		if asked.Read != "" {
			digest, err := digestOf(asked.Read)
			if err != nil {
				answer["error"] = err.Error()
			}
			answer["sha256"] = digest
		}
		response.Header().Set("Content-Type", "application/json")
		json.NewEncoder(response).Encode(answer)
	})
	http.ListenAndServe(":8080", nil)
}

func digestOf(path string) (string, error) {
	file, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer file.Close()
	hash := sha256.New()
	if _, err := io.Copy(hash, file); err != nil {
		return "", err
	}
	return hex.EncodeToString(hash.Sum(nil)), nil
}
