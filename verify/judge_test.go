package verify

import "testing"

func TestMeets(t *testing.T) {
	// met lists, for each requirement, all statuses that meet it.
	met := map[Status][]Status{
		Verified: {Verified},
		Partial:  {Verified, Partial},
		Signed:   {Verified, Signed},
		None:     {Verified, Partial, Signed, None},
		Pending:  Statuses(),
		Invalid:  {}, Mismatch: {}, Unchecked: {}, // cannot be required
	}
	for _, require := range Statuses() {
		want, ok := met[require]
		if !ok {
			t.Errorf("the table does not know %v", require)
		}
		for _, status := range Statuses() {
			expected := false
			for _, s := range want {
				expected = expected || s == status
			}
			if got := status.Meets(require); got != expected {
				t.Errorf("Meets(%v, %v) = %v, want %v", status, require, got, expected)
			}
		}
	}
}
