// Validates the manifests of an OLM bundle, in the folder that is named: prints each error and warning, and ends with 1 where there is an error.
package main

import (
	"fmt"
	"os"

	"github.com/operator-framework/api/pkg/manifests"
	"github.com/operator-framework/api/pkg/validation"
)

func main() {
	bundle, err := manifests.GetBundleFromDir(os.Args[1])
	if err != nil {
		fmt.Println("error:", err)
		os.Exit(1)
	}
	objects := []interface{}{bundle}
	for _, object := range bundle.Objects {
		objects = append(objects, object)
	}
	failed := false
	for _, result := range validation.DefaultBundleValidators.Validate(objects...) {
		for _, warning := range result.Warnings {
			fmt.Println("warning:", warning)
		}
		for _, err := range result.Errors {
			fmt.Println("error:", err)
			failed = true
		}
	}
	if failed {
		os.Exit(1)
	}
	fmt.Println("ok:", bundle.Name)
}
