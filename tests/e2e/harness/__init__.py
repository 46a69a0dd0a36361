"""What the end-to-end tests stand on: real programs, real sockets, and waits for events."""
