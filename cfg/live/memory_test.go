package live

func holdConnections() bool { return false }
