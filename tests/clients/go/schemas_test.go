// SPDX-License-Identifier: MIT

package clienttest

import (
	"go/ast"
	"go/parser"
	"go/token"
	"reflect"
	"sort"
	"strconv"
	"strings"
	"testing"

	"stayler/worker"
)

// typesOf are the schemas of the contract that this client has, with the types in which their members are.
var typesOf = map[string][]interface{}{
	"Job":                      {worker.Job{}},
	"JobError":                 {worker.JobError{}},
	"Waiting":                  {worker.Waiting{}},
	"Waiting.estimatedStartAt": {worker.EstimatedStart{}},
	"Pause":                    {worker.Pause{}},
	"NextStep":                 {worker.NextStep{}},
	"Progress":                 {worker.Progress{}},
	"Attempt":                  {worker.Attempt{}},
	"Attempt.stages":           {worker.StageBegin{}},
	"ProviderCall":             {worker.ProviderCall{}},
	"JobResult":                {worker.JobResult{}},
	"JobPage":                  {worker.JobPage{}},
	"JobEvent":                 {worker.JobEvent{}},
	"Batch":                    {worker.Batch{}},
	"RefusedJob":               {worker.RefusedJob{}},
	"Image":                    {worker.Image{}},
	"Status":                   {worker.Status{}},
	"Checks.*":                 {worker.HealthCheck{}},
	"Problem":                  {worker.Problem{}},
	"FieldProblem":             {worker.FieldProblem{}},
	"ConversionRequest":        {worker.JobRequest{}, requestTime{}},
	"ProcessingRequest":        {worker.JobRequest{}, requestTime{}},
	"ConversionPayload":        {worker.JobPayload{}},
	"ProcessingPayload":        {worker.JobPayload{}},
	"ConversionOptions":        {worker.ConversionOptions{}},
	"ProcessingOptions":        {worker.ProcessingOptions{}},
	"Resize":                   {worker.ImageOperation{}},
	"Thumbnail":                {worker.ImageOperation{}},
	"Convert":                  {worker.ImageOperation{}},
	"Strip":                    {worker.ImageOperation{}},
}

// requestTime stands for RunAt, which a request writes only where it is given.
type requestTime struct {
	RunAt string `json:"runAt"`
}

// constantsOf are the enumerations of the contract, with the types whose constants are their values.
var constantsOf = map[string]string{
	"JobType":        "JobType",
	"JobStatus":      "JobStatus",
	"JobStage":       "JobStage",
	"ErrorClass":     "ErrorClass",
	"HealthState":    "HealthState",
	"Waiting.reason": "WaitingReason",
	"ImageType":      "ImageType",
}

func TestEveryMemberOfTheContractHasItsField(t *testing.T) {
	schemas := readSettings(t).Schemas
	for name, types := range typesOf {
		fields := map[string]bool{}
		for _, each := range types {
			addFields(reflect.TypeOf(each), fields)
		}
		if len(schemas[name].Members) == 0 {
			t.Errorf("the contract has no schema %s", name)
		}
		for _, member := range schemas[name].Members {
			if !fields[member] {
				t.Errorf("%s.%s has no field", name, member)
			}
		}
	}
}

func TestTheFormerWorkersHealthHasEveryMemberOfTheContract(t *testing.T) {
	text, err := worker.WorkerHealth{}.MarshalJSON()
	must(t, err)
	for _, member := range readSettings(t).Schemas["WorkerHealth"].Members {
		if !strings.Contains(string(text), strconv.Quote(member)) {
			t.Errorf("WorkerHealth.%s has no field", member)
		}
	}
}

func TestEveryEnumerationOfTheContractHasItsConstants(t *testing.T) {
	schemas := readSettings(t).Schemas
	found := constants(t)
	for name, typeName := range constantsOf {
		wanted := append([]string{}, schemas[name].Values...)
		sort.Strings(wanted)
		if len(wanted) == 0 || !reflect.DeepEqual(wanted, found[typeName]) {
			t.Errorf("%s has %v, and the contract's %s %v", typeName, found[typeName], name, wanted)
		}
	}
}

func addFields(of reflect.Type, fields map[string]bool) {
	for i := 0; i < of.NumField(); i++ {
		name := strings.Split(of.Field(i).Tag.Get("json"), ",")[0]
		if name != "" && name != "-" {
			fields[name] = true
		}
	}
}

// constants are the values of the package's constants, sorted, by the names of their types.
func constants(t *testing.T) map[string][]string {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), "../../../clients/go/enumerations.go", nil, 0)
	must(t, err)
	found := map[string][]string{}
	ast.Inspect(file, func(node ast.Node) bool {
		spec, isSpec := node.(*ast.ValueSpec)
		if !isSpec {
			return true
		}
		value, err := strconv.Unquote(spec.Values[0].(*ast.BasicLit).Value)
		must(t, err)
		name := spec.Type.(*ast.Ident).Name
		found[name] = append(found[name], value)
		return false
	})
	for _, values := range found {
		sort.Strings(values)
	}
	return found
}
