package tunnel

import (
	"net"
	"sync"
	"time"

	"golang.ngrok.com/ngrok/v2"
)

// ngrokLine is the open listener.
type ngrokLine struct {
	session  *ngrokSession
	listener ngrok.EndpointListener
	conns    chan net.Conn
	closing  chan struct{} // the provider is being stopped
	done     chan struct{} // and has
	watching sync.WaitGroup
	once     sync.Once
	failure  *Error // written before done is closed
}

func (l *ngrokLine) URL() string { return l.session.url }

func (l *ngrokLine) Addr() net.Addr { return l.listener.Addr() }

func (l *ngrokLine) Err() *Error {
	select {
	case <-l.done:
		return l.failure
	default:
		return nil
	}
}

func (l *ngrokLine) Accept() (net.Conn, error) {
	select {
	case c := <-l.conns:
		return c, nil
	case <-l.done:
		return nil, net.ErrClosed
	}
}

// Close stops the provider; it returns when all streams are gone.
func (l *ngrokLine) Close() error {
	l.end(nil)
	l.session.inbox.put(noteStopped{})
	l.watching.Wait()
	return nil
}

func (l *ngrokLine) end(failure *Error) {
	l.once.Do(func() {
		l.failure = failure
		close(l.closing)
		l.session.stop(l.listener)
		close(l.done)
	})
}

// pump stands between the agent's Accept and ours, because theirs ends late when it is stopped during an outage.
func (l *ngrokLine) pump() {
	for {
		c, err := l.listener.Accept()
		if err != nil {
			l.session.inbox.put(noteAccept{err})
			return
		}
		select {
		case l.conns <- c:
		case <-l.closing:
			go c.Close() // waits for a writer that waits for its reader
		}
	}
}

// watch follows the session until it ends.
func (l *ngrokLine) watch() {
	patience := time.NewTimer(time.Hour)
	patience.Stop()
	defer patience.Stop()
	for {
		select {
		case <-l.done:
			return
		case <-patience.C:
			l.session.breakSilence()
		case <-l.session.inbox.ready:
			for _, n := range l.session.inbox.take() {
				if _, over := n.(noteStopped); over {
					return
				}
				if e := l.session.step(n, patience); e != nil {
					l.end(e)
					return
				}
			}
		}
	}
}
