package route

import "net/netip"

// Env is what a run has an effect on. Each part may be nil.
type Env struct {
	// Clients finds the client domain of a relay over TLS.
	Clients Clients
	// Replier sends the replies of the script. Without one they are recorded
	// only.
	Replier Replier
	// Logger gets what the script logs, at once.
	Logger Logger
	// Tracer is told each step.
	Tracer Tracer
}

// Clients finds client domains. The domains of package mgm do it with FindClient.
type Clients interface {
	// FindClient is the client domain for the value of the client_domain_avp,
	// empty for none, and a destination, which is not valid where its host is a
	// name. It is false if there is none.
	FindClient(name string, destination netip.AddrPort) (Client, bool)
}

// Client is a client domain that was found for a relay.
type Client struct {
	Name string `json:"name"` // "default" for the default one
	Rule string `json:"rule"` // by what it was found, in words
	// Subject is the subject of its certificate, empty if it has none.
	Subject string `json:"subject,omitempty"`
}

// Replier sends replies.
type Replier interface {
	Reply(r Reply) error
}

// Logger takes the lines that a script logs.
type Logger interface {
	Log(l Log)
}
