package bench

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http/httputil"
	"strconv"
	"time"
)

// conn is one keep-alive connection of a client that costs little: client and server share the machine, and the server is what is measured.
// A request is one write, an answer is read to its end and dropped. Not safe for concurrent use.
type conn struct {
	c   net.Conn
	r   *bufio.Reader
	out []byte
}

// answerWait bounds the wait for one answer.
const answerWait = time.Minute

func dial(ctx context.Context, address string) (*conn, error) {
	var d net.Dialer
	c, err := d.DialContext(ctx, "tcp", address)
	if err != nil {
		return nil, err
	}
	return &conn{c: c, r: bufio.NewReaderSize(c, 64<<10)}, nil
}

// post sends a body and reads the answer to its end. Errors: any status but 2xx, with the beginning of what it says.
func (c *conn) post(path, kind, token string, body []byte) error {
	c.out = fmt.Appendf(c.out[:0], "POST %s HTTP/1.1\r\nHost: bench\r\nAuthorization: Bearer %s\r\nContent-Type: %s\r\nContent-Length: %d\r\n\r\n", path, token, kind, len(body))
	c.out = append(c.out, body...)
	if err := c.c.SetDeadline(time.Now().Add(answerWait)); err != nil {
		return err
	}
	if _, err := c.c.Write(c.out); err != nil {
		return err
	}
	status, size, err := c.head()
	if err != nil {
		return err
	}
	var answer io.Reader = io.LimitReader(c.r, size)
	if size < 0 {
		answer = httputil.NewChunkedReader(c.r)
	}
	if status/100 != 2 {
		text, _ := io.ReadAll(io.LimitReader(answer, 500))
		return fmt.Errorf("%s: %d: %s", path, status, text)
	}
	if _, err := io.Copy(io.Discard, answer); err != nil || size >= 0 {
		return err
	}
	_, err = c.r.ReadSlice('\n') // the empty line after the last chunk
	return err
}

// head reads the status line and the headers; size is that of the body, negative if it comes in chunks.
func (c *conn) head() (status int, size int64, err error) {
	line, err := c.r.ReadSlice('\n')
	if err != nil {
		return 0, 0, err
	}
	if len(line) < 12 {
		return 0, 0, errors.New("no status line")
	}
	if status, err = strconv.Atoi(string(line[9:12])); err != nil {
		return 0, 0, err
	}
	size = -1
	for {
		if line, err = c.r.ReadSlice('\n'); err != nil {
			return 0, 0, err
		}
		if line = bytes.TrimRight(line, "\r\n"); len(line) == 0 {
			return status, size, nil
		}
		if name, value, ok := bytes.Cut(line, []byte(": ")); ok && bytes.EqualFold(name, []byte("Content-Length")) {
			if size, err = strconv.ParseInt(string(value), 10, 64); err != nil {
				return 0, 0, err
			}
		}
	}
}
