// Command decode reads documents as kubectl does: a JSON list of texts from the standard input, and for each of them,
// on the standard output, a list of one value or, if it is refused, an empty list.
package main

import (
	"encoding/json"
	"fmt"
	"os"

	"k8s.io/apimachinery/pkg/util/yaml"
)

func main() {
	var texts []string
	if err := json.NewDecoder(os.Stdin).Decode(&texts); err != nil {
		fmt.Fprintln(os.Stderr, "decode:", err)
		os.Exit(1)
	}
	values := make([][]any, len(texts))
	for i, text := range texts {
		values[i] = []any{}
		var value any
		if err := yaml.Unmarshal([]byte(text), &value); err == nil {
			values[i] = append(values[i], value)
		}
	}
	if err := json.NewEncoder(os.Stdout).Encode(values); err != nil {
		fmt.Fprintln(os.Stderr, "decode:", err)
		os.Exit(1)
	}
}
