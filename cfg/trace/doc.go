// Package trace runs requests through the routes of a script as if they had come
// in on one of its sockets, without a network, and keeps each step: conditions
// with their values, what was read, set and logged, replies, and where the request
// would go with which client domain.
//
// For a TLS socket the $tls_… variables are those of the connection that a client
// with certain certificates would have with the server domain of the socket.
package trace
