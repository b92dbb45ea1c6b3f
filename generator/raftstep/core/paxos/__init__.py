"""One node of Multi-Paxos, as pure as that of Raft."""
