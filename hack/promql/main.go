// What Prometheus itself makes of rules and expressions.
//
//	stdin:  {"rules": "groups: …", "expressions": ["sum(up)"], "series": [{"labels": {"__name__": "up"}, "value": 1}], "atMs": 0}
//	stdout: {"errors": ["…"], "found": [{"expression": "…", "metric": "up", "labels": {"job": "a"}}],
//	         "grouping": {"sum by (job) (up)": ["job"]}, "results": {"sum(up)": [{"labels": {}, "value": 1}]}}
//
// found: what each expression reads; labels has the value of a matcher that asks for equality, and "" of any other.
// results: of every expression, where each series has had its value for the five minutes before atMs.
package main

import (
	"context"
	"encoding/json"
	"os"
	"time"

	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/model/rulefmt"
	"github.com/prometheus/prometheus/promql"
	"github.com/prometheus/prometheus/promql/parser"
	"github.com/prometheus/prometheus/storage"
	"github.com/prometheus/prometheus/tsdb/chunks"
	"github.com/prometheus/prometheus/util/annotations"
)

const scrape, history = 15 * time.Second, 5 * time.Minute

type sample struct {
	Labels map[string]string `json:"labels"`
	Value  float64           `json:"value"`
}

type question struct {
	Rules       string   `json:"rules"`
	Expressions []string `json:"expressions"`
	Series      []sample `json:"series"`
	AtMs        int64    `json:"atMs"`
}

type selector struct {
	Expression string            `json:"expression"`
	Metric     string            `json:"metric"`
	Labels     map[string]string `json:"labels"`
}

type answer struct {
	Errors   []string            `json:"errors"`
	Found    []selector          `json:"found"`
	Grouping map[string][]string `json:"grouping"`
	Results  map[string][]sample `json:"results"`
}

func main() {
	var asked question
	if err := json.NewDecoder(os.Stdin).Decode(&asked); err != nil {
		panic(err)
	}
	said := answer{
		Errors: []string{}, Found: []selector{}, Grouping: map[string][]string{}, Results: map[string][]sample{},
	}
	for _, text := range append(asked.Expressions, said.expressionsOf(asked.Rules)...) {
		said.read(text)
		said.evaluate(text, memory{asked.Series, asked.AtMs})
	}
	if err := json.NewEncoder(os.Stdout).Encode(said); err != nil {
		panic(err)
	}
}

func (said *answer) expressionsOf(rules string) []string {
	var expressions []string
	if rules == "" {
		return expressions
	}
	groups, errs := rulefmt.Parse([]byte(rules))
	for _, err := range errs {
		said.Errors = append(said.Errors, err.Error())
	}
	if groups == nil {
		return expressions
	}
	for _, group := range groups.Groups {
		for _, rule := range group.Rules {
			expressions = append(expressions, rule.Expr.Value)
		}
	}
	return expressions
}

func (said *answer) read(text string) {
	expression, err := parser.ParseExpr(text)
	if err != nil {
		said.Errors = append(said.Errors, text+": "+err.Error())
		return
	}
	parser.Inspect(expression, func(node parser.Node, _ []parser.Node) error {
		switch one := node.(type) {
		case *parser.VectorSelector:
			said.Found = append(said.Found, selectorOf(text, one))
		case *parser.AggregateExpr:
			said.Grouping[text] = append(said.Grouping[text], one.Grouping...)
		case *parser.BinaryExpr:
			if one.VectorMatching != nil {
				said.Grouping[text] = append(said.Grouping[text], one.VectorMatching.MatchingLabels...)
			}
		}
		return nil
	})
}

func selectorOf(text string, one *parser.VectorSelector) selector {
	asked := map[string]string{}
	for _, matcher := range one.LabelMatchers {
		if matcher.Name == labels.MetricName {
			continue
		}
		asked[matcher.Name] = ""
		if matcher.Type == labels.MatchEqual {
			asked[matcher.Name] = matcher.Value
		}
	}
	return selector{Expression: text, Metric: one.Name, Labels: asked}
}

func (said *answer) evaluate(text string, known memory) {
	engine := promql.NewEngine(promql.EngineOpts{MaxSamples: 1_000_000, Timeout: time.Minute, LookbackDelta: history})
	query, err := engine.NewInstantQuery(context.Background(), known, nil, text, time.UnixMilli(known.atMs))
	if err != nil {
		return // said by read
	}
	result := query.Exec(context.Background())
	if result.Err != nil {
		said.Errors = append(said.Errors, text+": "+result.Err.Error())
		return
	}
	said.Results[text] = []sample{}
	vector, err := result.Vector()
	if err != nil {
		said.Errors = append(said.Errors, text+": "+err.Error())
		return
	}
	for _, one := range vector {
		said.Results[text] = append(said.Results[text], sample{Labels: one.Metric.Map(), Value: one.F})
	}
}

// memory has each series at its value, scrape by scrape.
type memory struct {
	series []sample
	atMs   int64
}

func (m memory) Querier(_, _ int64) (storage.Querier, error) { return m, nil }

func (m memory) Select(_ context.Context, _ bool, _ *storage.SelectHints, matchers ...*labels.Matcher) storage.SeriesSet {
	var found []storage.Series
	for _, one := range m.series {
		if set := labels.FromMap(one.Labels); matches(set, matchers) {
			found = append(found, storage.NewListSeries(set, m.samplesOf(one.Value)))
		}
	}
	return &listSet{series: found, at: -1}
}

func matches(set labels.Labels, matchers []*labels.Matcher) bool {
	for _, matcher := range matchers {
		if !matcher.Matches(set.Get(matcher.Name)) {
			return false
		}
	}
	return true
}

func (m memory) samplesOf(value float64) []chunks.Sample {
	var samples []chunks.Sample
	for ms := m.atMs - history.Milliseconds(); ms <= m.atMs; ms += scrape.Milliseconds() {
		samples = append(samples, point{ms, value})
	}
	return samples
}

func (m memory) LabelValues(context.Context, string, *storage.LabelHints, ...*labels.Matcher) ([]string, annotations.Annotations, error) {
	return nil, nil, nil
}

func (m memory) LabelNames(context.Context, *storage.LabelHints, ...*labels.Matcher) ([]string, annotations.Annotations, error) {
	return nil, nil, nil
}

func (m memory) Close() error { return nil }

type listSet struct {
	series []storage.Series
	at     int
}

func (s *listSet) Next() bool                        { s.at++; return s.at < len(s.series) }
func (s *listSet) At() storage.Series                { return s.series[s.at] }
func (s *listSet) Err() error                        { return nil }
func (s *listSet) Warnings() annotations.Annotations { return nil }
