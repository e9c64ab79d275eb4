package limit_test

import (
	"reflect"
	"testing"
	"time"

	"hookglass/core/limit"
)

func TestScoreListsEachEarlyReturn(t *testing.T) {
	at := func(s float64) time.Time { return noon.Add(time.Duration(s * float64(time.Second))) }
	told := 10 * time.Second
	got := limit.Score([]limit.Arrival{
		{At: at(0), Key: "a", Limited: true, Told: told},
		{At: at(1), Key: "b"},                            // never told anything
		{At: at(4), Key: "a", Limited: true, Told: told}, // 6 s early; told anew, until 14
		{At: at(13.5), Key: "a"},                         // 0.5 s early, though let in
		{At: at(14), Key: "a"},                           // in time
		{At: at(14.1), Key: "a"},                         // no longer waiting
		{At: at(20), Answered: at(21), Key: "c", Limited: true, Told: told},
		{At: at(20.5), Key: "c", Limited: true, Told: told, Answered: at(20.6)}, // sent before c was told: no return
		{At: at(60), Key: "c"},                                                  // in time
	})
	want := limit.Manners{
		Arrivals: 9, Limited: 4, Returns: 4, Patient: 2, Score: 50,
		Early: []limit.Early{
			{Arrival: 2, Key: "a", At: at(4), Told: told, Waited: 4 * time.Second, By: 6 * time.Second},
			{Arrival: 3, Key: "a", At: at(13.5), Told: told, Waited: 9500 * time.Millisecond, By: 500 * time.Millisecond},
		},
		Worst: 6 * time.Second, Mean: 3250 * time.Millisecond,
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("\n got %+v\nwant %+v", got, want)
	}
}

func TestScoreOfNobody(t *testing.T) {
	if got := limit.Score(nil); got.Score != 100 || got.Early != nil {
		t.Errorf("got %+v", got)
	}
}
