package transport

func holdConnections() bool { return false }
