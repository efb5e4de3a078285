"""The plugin of Traefik, in the Go that its interpreter reads (https://github.com/traefik/yaegi)."""

from typing import Final

PLUGIN: Final = """\
// Package corsproxy asks cors-proxy about each request.  Written by: cors-proxy glue --for traefik
package corsproxy

import (
	"bufio"
	"context"
	"io"
	"net"
	"net/http"
	"net/url"
	"sort"
	"strconv"
	"strings"
	"sync"
	"time"
)

// Networks and addresses.
var deciders = [][]string{@DECIDERS@}

// wait is the longest wait for an answer.  A decider that failed is asked last for as long.
const wait = 2 * time.Second

// most is the size of an answer's body: a problem is far smaller.
const most = 64 * 1024

// Of the request's head, what is not sent with an ask.
var hop = map[string]bool{
	"connection": true, "content-length": true, "expect": true, "keep-alive": true,
	"proxy-connection": true, "te": true, "trailer": true, "transfer-encoding": true, "upgrade": true,
}

// Of an answer, what is not for the client.
var ours = map[string]bool{
	"connection": true, "content-length": true, "cors-proxy-decision": true,
	"cors-proxy-problem": true, "cors-proxy-status": true, "date": true,
}

// What `expose: "*"` with credentials does not name.
var unexposed = map[string]bool{ @UNEXPOSED@ }

// What a client could claim of its connection.  Traefik sets or removes the rest.
var claims = []string{ @CLAIMS@ }

// Config has nothing that acts; Traefik wants one key.
type Config struct {
	Enabled bool `json:"enabled,omitempty"`
}

// CreateConfig is called by Traefik.
func CreateConfig() *Config {
	return &Config{}
}

type decider struct {
	client *http.Client
	failed time.Time
}

// Asker is the middleware.
type Asker struct {
	next     http.Handler
	deciders []*decider
	mutex    sync.Mutex
	turn     int
}

// New is called by Traefik.
func New(_ context.Context, next http.Handler, _ *Config, _ string) (http.Handler, error) {
	asker := &Asker{next: next}
	for _, each := range deciders {
		asker.deciders = append(asker.deciders, &decider{client: to(each[0], each[1])})
	}
	return asker, nil
}

func to(network, address string) *http.Client {
	dialer := &net.Dialer{Timeout: time.Second}
	transport := &http.Transport{
		DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
			return dialer.DialContext(ctx, network, address)
		},
		DisableCompression:  true,
		MaxIdleConnsPerHost: 64,
	}
	return &http.Client{
		Transport: transport,
		Timeout:   wait,
		CheckRedirect: func(*http.Request, []*http.Request) error {
			return http.ErrUseLastResponse
		},
	}
}

func isGrant(name string) bool {
	return strings.HasPrefix(name, "access-control-") || strings.HasPrefix(name, "amp-") ||
		name == "timing-allow-origin" || name == "activate-storage-access"
}

func members(lines []string) []string {
	found := []string{}
	for _, line := range lines {
		for _, member := range strings.Split(line, ",") {
			if member = strings.TrimSpace(member); member != "" {
				found = append(found, member)
			}
		}
	}
	return found
}

func (a *Asker) ask(req *http.Request) (*http.Response, error) {
	ask, err := http.NewRequest("GET", "http://cors-proxy/", nil)
	if err != nil {
		return nil, err
	}
	for name, values := range req.Header {
		if !hop[strings.ToLower(name)] {
			ask.Header[name] = values
		}
	}
	if _, sent := ask.Header["User-Agent"]; !sent {
		ask.Header["User-Agent"] = []string{""} // Go adds its own otherwise
	}
	if upgrade := req.Header.Get("Upgrade"); upgrade != "" {
		ask.Header.Set("Upgrade", upgrade)
	}
	// They describe the request, and replace what the client sent.
	ask.Header.Set("@METHOD@", req.Method)
	ask.Header.Set("@TARGET@", req.RequestURI)
	if "@HOST@" == "Host" {
		ask.Host = req.Host
	} else {
		ask.Header.Set("@HOST@", req.Host)
	}
	ask.Header.Del("@BODY@")
	if req.ContentLength > 0 {
		ask.Header.Set("@BODY@", strconv.FormatInt(req.ContentLength, 10))
	} else if req.ContentLength < 0 {
		ask.Header.Set("@BODY@", "chunked")
	}
	proto := "http"
	if req.TLS != nil {
		proto = "https"
	}
	ask.Header.Set("X-Forwarded-Proto", proto)
	client, _, _ := net.SplitHostPort(req.RemoteAddr)
	if before := req.Header.Get("X-Forwarded-For"); before != "" {
		client = before + ", " + client
	}
	ask.Header.Set("X-Forwarded-For", client)
	begun := time.Now()
	for _, each := range a.order() {
		var answer *http.Response
		answer, err = each.client.Do(ask.WithContext(req.Context()))
		if err == nil {
			return answer, nil
		}
		// If the client left, or after a long wait, no other one is asked.
		if req.Context().Err() != nil {
			break
		}
		a.setAside(each)
		if time.Since(begun) >= wait {
			break
		}
	}
	return nil, err
}

// order begins with each decider in turn.  Those that failed just now come last.
func (a *Asker) order() []*decider {
	a.mutex.Lock()
	defer a.mutex.Unlock()
	a.turn = (a.turn + 1) % len(a.deciders)
	first, last := []*decider{}, []*decider{}
	for at := range a.deciders {
		each := a.deciders[(a.turn+at)%len(a.deciders)]
		if time.Since(each.failed) < wait {
			last = append(last, each)
		} else {
			first = append(first, each)
		}
	}
	return append(first, last...)
}

func (a *Asker) setAside(failed *decider) {
	a.mutex.Lock()
	defer a.mutex.Unlock()
	failed.failed = time.Now()
}

func (a *Asker) ServeHTTP(rw http.ResponseWriter, req *http.Request) {
	answer, err := a.ask(req)
	if err != nil {
		rw.WriteHeader(http.StatusServiceUnavailable)
		return
	}
	body, err := io.ReadAll(io.LimitReader(answer.Body, most+1))
	answer.Body.Close()
	decision := answer.Header.Get("CORS-Proxy-Decision")
	if err != nil || len(body) > most || decision == "" {
		rw.WriteHeader(http.StatusServiceUnavailable)
		return
	}
	if decision == "forward" && answer.StatusCode == 200 {
		for _, name := range claims {
			req.Header.Del(name)
		}
		if req.Header.Get("Accept-Encoding") == "" {
			// Else Go asks for gzip by itself, and decodes what the API sends.
			req.Header.Set("Accept-Encoding", "identity")
		}
		if target := answer.Header.Get("CORS-Proxy-Target"); target != "" {
			parsed, err := url.ParseRequestURI(target)
			if err != nil {
				rw.WriteHeader(http.StatusServiceUnavailable)
				return
			}
			req.URL = parsed
			req.RequestURI = target
		}
		if answer.Header.Get("CORS-Proxy-Hands-Off") != "" {
			a.next.ServeHTTP(rw, req)
			return
		}
		granted := &writer{ResponseWriter: rw, answer: answer.Header}
		a.next.ServeHTTP(granted, req)
		if !granted.begun {
			granted.WriteHeader(http.StatusOK)
		}
		return
	}
	status, err := strconv.Atoi(answer.Header.Get("CORS-Proxy-Status"))
	if err != nil || decision == "forward" {
		status = http.StatusServiceUnavailable
	}
	for name, values := range answer.Header {
		if !ours[strings.ToLower(name)] {
			rw.Header()[name] = values
		}
	}
	rw.WriteHeader(status)
	if len(body) > 0 {
		rw.Write(body)
	}
}

type writer struct {
	http.ResponseWriter
	answer http.Header
	begun  bool
}

func (w *writer) remove() {
	removed := map[string]bool{}
	for _, name := range members(w.answer["Cors-Proxy-Remove"]) {
		removed[strings.ToLower(name)] = true
	}
	headers := w.ResponseWriter.Header()
	for name := range headers {
		lower := strings.ToLower(name)
		if removed[lower] || strings.HasPrefix(lower, "access-control-") {
			delete(headers, name)
		}
	}
}

func (w *writer) grant() {
	headers := w.ResponseWriter.Header()
	have := map[string]bool{}
	for _, member := range members(headers["Vary"]) {
		have[strings.ToLower(member)] = true
	}
	missing := []string{}
	for _, member := range members(w.answer["Vary"]) {
		if !have["*"] && !have[strings.ToLower(member)] {
			missing = append(missing, member)
		}
	}
	if len(missing) > 0 {
		headers["Vary"] = append(headers["Vary"], strings.Join(missing, ", "))
	}
	for name, values := range w.answer {
		lower := strings.ToLower(name)
		if isGrant(lower) {
			headers[name] = append(headers[name], values...)
		}
		if lower == "cross-origin-resource-policy" && len(headers[name]) == 0 {
			headers[name] = values
		}
	}
	if w.answer.Get("CORS-Proxy-Expose-All") != "" {
		exposed := []string{}
		for name := range headers {
			lower := strings.ToLower(name)
			if !unexposed[lower] && !strings.HasPrefix(lower, "access-control-") {
				exposed = append(exposed, lower)
			}
		}
		sort.Strings(exposed)
		if len(exposed) > 0 {
			headers.Add("Access-Control-Expose-Headers", strings.Join(exposed, ", "))
		}
	}
}

func (w *writer) WriteHeader(status int) {
	if w.begun {
		return
	}
	w.remove()
	if status >= 200 {
		w.begun = true
		w.grant()
	}
	w.ResponseWriter.WriteHeader(status)
	if status >= 200 && w.Header().Get("Content-Length") != "0" {
		w.Flush()
	}
}

func (w *writer) Write(data []byte) (int, error) {
	if !w.begun {
		w.WriteHeader(http.StatusOK)
	}
	// Traefik does not see that an interpreted writer can flush, so streams would wait in a buffer.
	defer w.Flush()
	return w.ResponseWriter.Write(data)
}

func (w *writer) Flush() {
	if !w.begun {
		w.WriteHeader(http.StatusOK)
	}
	if flusher, can := w.ResponseWriter.(http.Flusher); can {
		flusher.Flush()
	}
}

// Hijack is called for a 101, which gets no grant.
func (w *writer) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	w.begun = true
	w.remove()
	return w.ResponseWriter.(http.Hijacker).Hijack()
}
"""
