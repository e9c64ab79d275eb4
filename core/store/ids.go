package store

import (
	"cmp"
	"iter"
	"math/bits"
	"slices"
	"sort"

	"hookglass/core"
)

// A block is the captures of 4096 numbers that follow one another, a bit for each: numbers are given one by one, so nearly all
// of them are there, and a history of five millions fits into less than a megabyte.
type block struct {
	number   int64
	n        int
	from, to int64 // the captures of it arrived between these times; wider than need be where some were deleted
	bits     [blockSize / 64]uint64
}

const (
	blockShift = 12
	blockSize  = 1 << blockShift
)

func blockOf(id core.CaptureID) int64 { return int64(id) >> blockShift }

// first is the lowest number that a block can hold.
func (b *block) first() core.CaptureID { return core.CaptureID(b.number << blockShift) }

func (b *block) last() core.CaptureID { return b.first() + blockSize - 1 }

func (b *block) has(id core.CaptureID) bool { return b.bits[id%blockSize/64]>>(id%64)&1 != 0 }

// set puts a number in, or takes it out, and reports whether that changed anything.
func (b *block) set(id core.CaptureID, in bool) bool {
	if b.has(id) == in {
		return false
	}
	b.bits[id%blockSize/64] ^= 1 << (id % 64)
	if b.n--; in {
		b.n += 2
	}
	return true
}

// below is how many of a block have a lower number than one within it.
func (b *block) below(id core.CaptureID) (n int) {
	at := int(id % blockSize)
	for _, w := range b.bits[:at/64] {
		n += bits.OnesCount64(w)
	}
	return n + bits.OnesCount64(b.bits[at/64]&(1<<(at%64)-1))
}

// at is the one of a block that so many stand before.
func (b *block) at(place int) core.CaptureID {
	for i, w := range b.bits {
		n := bits.OnesCount64(w)
		if place >= n {
			place -= n
			continue
		}
		for ; place > 0; place-- {
			w &= w - 1
		}
		return b.first() + core.CaptureID(i*64+bits.TrailingZeros64(w))
	}
	return 0
}

// IDs is a set of captures by number, which never changes. The zero value is empty. Each place of it is found in a few steps
// however many they are, so that a list of millions scrolls over it.
type IDs struct {
	blocks []*block // ascending, none of them empty
	sums   []int    // how many stand before each
}

func idsOf(blocks []*block) IDs {
	s := IDs{blocks, make([]int, len(blocks)+1)}
	for i, b := range blocks {
		s.sums[i+1] = s.sums[i] + b.n
	}
	return s
}

// NewIDs is the set of some captures.
func NewIDs(ids ...core.CaptureID) IDs {
	var f finding
	for _, id := range slices.Backward(slices.Sorted(slices.Values(ids))) {
		f.add(id)
	}
	return f.ids()
}

// Len is how many there are.
func (s IDs) Len() int {
	if len(s.blocks) == 0 {
		return 0
	}
	return s.sums[len(s.blocks)]
}

// At is the capture at a place, counted from the oldest; 0 where there is none.
func (s IDs) At(place int) core.CaptureID {
	if place < 0 || place >= s.Len() {
		return 0
	}
	i := sort.SearchInts(s.sums, place+1) - 1
	return s.blocks[i].at(place - s.sums[i])
}

// Newest is the one with the highest number; 0 where there is none.
func (s IDs) Newest() core.CaptureID { return s.At(s.Len() - 1) }

// find is where the block of a number is, or would be.
func (s IDs) find(number int64) (int, bool) {
	return slices.BinarySearchFunc(s.blocks, number, func(b *block, n int64) int { return cmp.Compare(b.number, n) })
}

// Has reports whether a capture is one of them.
func (s IDs) Has(id core.CaptureID) bool {
	i, found := s.find(blockOf(id))
	return found && s.blocks[i].has(id)
}

// Below is how many have a lower number.
func (s IDs) Below(id core.CaptureID) int {
	i, found := s.find(blockOf(id))
	switch {
	case id <= 0 || len(s.blocks) == 0:
		return 0
	case found:
		return s.sums[i] + s.blocks[i].below(id)
	}
	return s.sums[i]
}

// CountIn is how many of them stand in a range.
func (s IDs) CountIn(r IDRange) int {
	if r.To < r.From {
		return 0
	}
	if r.To == maxID {
		return s.Len() - s.Below(r.From)
	}
	return s.Below(r.To+1) - s.Below(r.From)
}

// In are those that stand in one of some ranges.
func (s IDs) In(ranges ...IDRange) IDs {
	var f finding
	for _, r := range slices.Backward(disjoint(ranges)) {
		f.addAll(s, r)
	}
	return f.ids()
}

// Backward are all of them, the newest first.
func (s IDs) Backward() iter.Seq[core.CaptureID] {
	return func(yield func(core.CaptureID) bool) {
		for _, b := range slices.Backward(s.blocks) {
			for i, w := range slices.Backward(b.bits[:]) {
				for w != 0 {
					top := 63 - bits.LeadingZeros64(w)
					if w ^= 1 << top; !yield(b.first() + core.CaptureID(i*64+top)) {
						return
					}
				}
			}
		}
	}
}

// From are those behind a place, counted from the oldest, up to so many.
func (s IDs) From(place, most int) (out []core.CaptureID) {
	for ; len(out) < most && place < s.Len(); place++ {
		out = append(out, s.At(place))
	}
	return out
}

// And are those that are in both.
func (s IDs) And(o IDs) IDs { return combine(s, o, func(a, b uint64) uint64 { return a & b }) }

// Without are those that are not in the other.
func (s IDs) Without(o IDs) IDs { return combine(s, o, func(a, b uint64) uint64 { return a &^ b }) }

// With are those that are in one or both.
func (s IDs) With(o IDs) IDs { return combine(s, o, func(a, b uint64) uint64 { return a | b }) }

var noBlock block

func combine(s, o IDs, op func(a, b uint64) uint64) IDs {
	out := make([]*block, 0, len(s.blocks))
	for i, j := 0, 0; i < len(s.blocks) || j < len(o.blocks); {
		a, b := &noBlock, &noBlock
		number := int64(maxID)
		if i < len(s.blocks) {
			number = s.blocks[i].number
		}
		if j < len(o.blocks) {
			number = min(number, o.blocks[j].number)
		}
		if i < len(s.blocks) && s.blocks[i].number == number {
			a = s.blocks[i]
			i++
		}
		if j < len(o.blocks) && o.blocks[j].number == number {
			b = o.blocks[j]
			j++
		}
		var whole *block // where one of them is all that there is, it is shared
		switch {
		case b == &noBlock:
			if whole = a; op(1, 0) == 0 {
				continue
			}
		case a == &noBlock:
			if whole = b; op(0, 1) == 0 {
				continue
			}
		}
		if whole != nil {
			out = append(out, whole)
			continue
		}
		both := &block{number: number}
		for w := range both.bits {
			both.bits[w] = op(a.bits[w], b.bits[w])
			both.n += bits.OnesCount64(both.bits[w])
		}
		if both.n > 0 {
			out = append(out, both)
		}
	}
	return idsOf(out)
}

// disjoint are ranges in ascending order that do not overlap.
func disjoint(ranges []IDRange) (out []IDRange) {
	for _, r := range slices.SortedFunc(slices.Values(ranges), func(a, b IDRange) int { return cmp.Compare(a.From, b.From) }) {
		switch last := len(out) - 1; {
		case r.To < r.From:
		case last >= 0 && r.From <= out[last].To:
			out[last].To = max(out[last].To, r.To)
		default:
			out = append(out, r)
		}
	}
	return out
}

// finding is a set in the making. What is added comes newest first, roughly: a block that is left is not added to again.
type finding struct {
	blocks []*block // descending
	n      int
}

func (f *finding) add(id core.CaptureID) {
	last := len(f.blocks) - 1
	if last < 0 || f.blocks[last].number != blockOf(id) {
		f.blocks = append(f.blocks, &block{number: blockOf(id)})
		last++
	}
	if f.blocks[last].set(id, true) {
		f.n++
	}
}

// addAll adds what of a set stands in a range.
func (f *finding) addAll(s IDs, r IDRange) {
	i, found := s.find(blockOf(r.To))
	if !found {
		i--
	}
	for ; i >= 0 && s.blocks[i].last() >= r.From; i-- {
		b := s.blocks[i]
		if last := len(f.blocks) - 1; b.first() >= r.From && b.last() <= r.To && (last < 0 || f.blocks[last].number != b.number) {
			f.blocks, f.n = append(f.blocks, b), f.n+b.n
			continue
		}
		for id := min(r.To, b.last()); id >= max(r.From, b.first()); id-- {
			if b.has(id) {
				f.add(id)
			}
		}
	}
}

// ids is what was found so far. It may go on.
func (f *finding) ids() IDs {
	blocks := slices.Clone(f.blocks)
	if last := len(blocks) - 1; last >= 0 {
		open := *blocks[last]
		blocks[last] = &open
	}
	slices.Reverse(blocks)
	return idsOf(blocks)
}
