package control

import "bytes"

// byteColumn is one column of a [BytePair]: an offset on each side, -1 for a hole.
type byteColumn struct{ above, below int }

// columns lines two runs of bytes up from an offset on, up to which they are the same. Without align every byte
// stands over the one at its own offset. With it, bytes that only one side has stand over a hole, so that what
// follows them is again over its like.
func columns(x, y []byte, from, most int, align bool) []byteColumn {
	var out []byteColumn
	for i, j := from, from; len(out) < most && (i < len(x) || j < len(y)); {
		left, right := 1, 1
		if i >= len(x) {
			left = 0
		}
		if j >= len(y) {
			right = 0
		}
		if align && left+right == 2 && x[i] != y[j] {
			left, right = resync(x[i:], y[j:])
		}
		for left > 0 || right > 0 {
			c := byteColumn{-1, -1}
			if left > 0 {
				c.above, i, left = i, i+1, left-1
			}
			if right > 0 {
				c.below, j, right = j, j+1, right-1
			}
			out = append(out, c)
		}
	}
	return out[:min(len(out), most)]
}

// resyncReach is how far resync looks.
const resyncReach = 96

// resync is how many bytes of each side stand before the two agree again; one of each where they do not soon.
func resync(x, y []byte) (left, right int) {
	for d := 1; d <= resyncReach; d++ {
		for left = 0; left <= d; left++ {
			right = d - left
			if left <= len(x) && right <= len(y) && agree(x[left:], y[right:], min(d+1, 4)) {
				return left, right
			}
		}
	}
	return 1, 1
}

// agree reports whether the next n bytes are the same, or all of them where both sides end before. The farther one has
// gone, the more must agree: short runs are alike by chance.
func agree(x, y []byte, n int) bool {
	if len(x) < n || len(y) < n {
		return bytes.Equal(x, y)
	}
	return bytes.Equal(x[:n], y[:n])
}
