package relay

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// errGone says that the object store has a body no more.
var errGone = errors.New("the broker has this body no more")

// putObject puts a large body into the store of its source, under its hash. One that is there, and will be for as long as the message,
// is left as it is.
func putObject(ctx context.Context, js jetstream.JetStream, bucket, hash string, body []byte, age time.Duration, replicas int) error {
	o, err := js.ObjectStore(ctx, bucket)
	if errors.Is(err, jetstream.ErrBucketNotFound) {
		o, err = js.CreateObjectStore(ctx, jetstream.ObjectStoreConfig{Bucket: bucket, TTL: 2 * age, Replicas: replicas, Description: "Large bodies of Hookglass, by their hash"})
	}
	if err != nil {
		return fmt.Errorf("object store %s: %w", bucket, err)
	}
	if info, err := o.GetInfo(ctx, hash); err == nil && time.Since(info.ModTime) < age && int(info.Size) == len(body) {
		return nil
	}
	if _, err := o.Put(ctx, jetstream.ObjectMeta{Name: hash}, bytes.NewReader(body)); err != nil {
		return fmt.Errorf("put a body of %d bytes into object store %s: %w", len(body), bucket, err)
	}
	return nil
}

// getObject reads a body as a reader may: piece by piece, of the stream behind the store of its source. alive is called between
// pieces.
func getObject(ctx context.Context, nc *nats.Conn, bucket, hash string, size int64, alive func()) ([]byte, error) {
	subject := apiPrefix + ".DIRECT.GET.OBJ_" + bucket
	data, _, err := direct(ctx, nc, subject, map[string]any{"last_by_subj": "$O." + bucket + ".M." + base64.URLEncoding.EncodeToString([]byte(hash))})
	if err != nil {
		return nil, err
	}
	var info jetstream.ObjectInfo
	if err := json.Unmarshal(data, &info); err != nil {
		return nil, fmt.Errorf("object store %s: %w", bucket, err)
	}
	if info.Deleted || int64(info.Size) != size {
		return nil, errGone
	}
	body := make([]byte, 0, size)
	for next := uint64(1); int64(len(body)) < size; {
		piece, at, err := direct(ctx, nc, subject, map[string]any{"seq": next, "next_by_subj": "$O." + bucket + ".C." + info.NUID})
		if err != nil {
			return nil, err
		}
		if len(piece) == 0 || int64(len(body)+len(piece)) > size {
			return nil, fmt.Errorf("object store %s: %s is not as long as it says", bucket, hash)
		}
		body, next = append(body, piece...), at+1
		alive()
	}
	return body, nil
}

// direct reads one message of a stream.
func direct(ctx context.Context, nc *nats.Conn, subject string, what map[string]any) (data []byte, sequence uint64, err error) {
	ask, err := json.Marshal(what)
	if err != nil {
		return nil, 0, err
	}
	m, err := request(ctx, nc, subject, ask)
	switch {
	case errors.Is(err, nats.ErrNoResponders):
		return nil, 0, errGone // the store was never made, or is lost
	case err != nil:
		return nil, 0, fmt.Errorf("read a body: %w", err)
	case m.Header.Get("Status") == "404":
		return nil, 0, errGone
	case m.Header.Get("Status") != "":
		return nil, 0, fmt.Errorf("read a body: the broker says %s %s", m.Header.Get("Status"), m.Header.Get("Description"))
	}
	if sequence, err = strconv.ParseUint(m.Header.Get(jetstream.SequenceHeader), 10, 64); err != nil {
		return nil, 0, fmt.Errorf("read a body: the broker says no sequence")
	}
	return m.Data, sequence, nil
}
