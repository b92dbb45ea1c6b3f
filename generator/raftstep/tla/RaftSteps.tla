------------------------------ MODULE RaftSteps ------------------------------
\* Raft (paper, Figure 2) with one step for each event, as in the runs of raftstep.
\*
\* The variables, the roles and the fields of the messages have the names of the specification that Raft's author
\* published (ongardie/raft.tla, raft.tla below). The rest is our own. This module differs from raft.tla in three ways:
\*
\*   - Here an event is one step: a timer that fires, a message that arrives, a client's command, or a crash, with all
\*     that the server does and sends in answer. In raft.tla the same event is several smaller steps.
\*   - Here an AppendEntries request carries all entries that the receiver may lack. In raft.tla it carries at most one.
\*   - Here an old message moves neither commitIndex nor the leader's indexes back. In raft.tla it may.
\*
\* Snapshots, changes of membership, pre-vote, check-quorum and leadership transfer are in neither.

EXTENDS Naturals, FiniteSets, Sequences, TLC

CONSTANTS
    Server,     \* the names of the servers
    Value,      \* the commands that clients send
    FirstTerm,  \* the term in which all servers boot: 1 in raft.tla
    NoOp,       \* TRUE where a leader begins its term with an entry of its own (paper, section 8)
    Reads,      \* TRUE where clients read: a leader then may send a round of heartbeats as soon as it commits
    KeepsMail   \* what the network does; see Transmit

Follower  == "Follower"
Candidate == "Candidate"
Leader    == "Leader"
Nil       == "Nil"

RequestVoteRequest    == "RequestVoteRequest"
RequestVoteResponse   == "RequestVoteResponse"
AppendEntriesRequest  == "AppendEntriesRequest"
AppendEntriesResponse == "AppendEntriesResponse"

VARIABLES
    messages,        \* the messages in flight, each with the number of its copies
    currentTerm,     \* this variable and the following ones hold a value for each server
    state,
    votedFor,
    log,             \* a sequence of entries [term, value]
    commitIndex,
    votesResponded,  \* who has answered a candidate in its term; kept as it is when the server is no candidate any more
    votesGranted,    \* who has voted for a candidate in its term; kept likewise
    nextIndex,       \* for each peer, where the next request to it begins; kept when the server leads no more
    matchIndex       \* for each peer, how far its log is known to agree; kept likewise

serverVars    == <<currentTerm, state, votedFor>>
logVars       == <<log, commitIndex>>
candidateVars == <<votesResponded, votesGranted>>
leaderVars    == <<nextIndex, matchIndex>>
vars          == <<messages, serverVars, logVars, candidateVars, leaderVars>>

With(function, i, value) == [function EXCEPT ![i] = value]

\* What a server knows of its peers before it has ever led.
FirstIndexes == [j \in Server |-> 1]
NoMatches    == [j \in Server |-> 0]

Init ==
    /\ messages = [m \in {} |-> 0]
    /\ currentTerm = [i \in Server |-> FirstTerm] /\ votedFor = [i \in Server |-> Nil]
    /\ state = [i \in Server |-> Follower]
    /\ log = [i \in Server |-> <<>>] /\ commitIndex = [i \in Server |-> 0]
    /\ votesResponded = [i \in Server |-> {}] /\ votesGranted = votesResponded
    /\ nextIndex = [i \in Server |-> FirstIndexes] /\ matchIndex = [i \in Server |-> NoMatches]

-----------------------------------------------------------------------------
\* Small words

Max(a, b) == IF a >= b THEN a ELSE b
Min(a, b) == IF a <= b THEN a ELSE b

Largest(numbers) == CHOOSE n \in numbers : \A other \in numbers : n >= other

IsQuorum(servers) == 2 * Cardinality(servers) > Cardinality(Server)

TermAt(entries, n) == IF n \in 1..Len(entries) THEN entries[n].term ELSE 0

LastTerm(entries) == TermAt(entries, Len(entries))

-----------------------------------------------------------------------------
\* The network

Copies(bag, m) == IF m \in DOMAIN bag THEN bag[m] ELSE 0

\* A server has taken the messages of the set taken (one or none) off the network, and sends those of the set sent.
\*
\* Where the network keeps all mail, every message ever sent may arrive at any later time, again and again or never;
\* so it loses, delays, reorders and duplicates without a step of its own, and a model has fewer states.
\* Otherwise a message is lost in a step of its own (Lose), or as it is sent, or it is sent in several copies.
Transmit(taken, sent) ==
    IF KeepsMail
    THEN messages' = [m \in DOMAIN messages \union sent |-> 1]
    ELSE LET known == DOMAIN messages \union sent
             left  == [m \in known |-> Copies(messages, m) - (IF m \in taken THEN 1 ELSE 0)]
         IN  /\ DOMAIN messages' \subseteq known
             /\ \A m \in DOMAIN messages' : messages'[m] > 0
             /\ \A m \in known \ sent : Copies(messages', m) = left[m]
             /\ \A m \in sent : Copies(messages', m) >= left[m]

\* A message is lost, or its receiver passes it over: that is the same to all who look from outside.
Lose(m) ==
    /\ Transmit({m}, {})
    /\ UNCHANGED <<serverVars, logVars, candidateVars, leaderVars>>

-----------------------------------------------------------------------------
\* What a leader sends, and what it commits. The values with a prime are those after the step, so an action gives these
\* before it uses the words of this part.

\* All that the leader i does not know j to hold.
AppendTo(i, j) ==
    LET previous == nextIndex'[i][j] - 1
    IN  [mtype         |-> AppendEntriesRequest,
         mterm         |-> currentTerm'[i],
         mprevLogIndex |-> previous,
         mprevLogTerm  |-> TermAt(log'[i], previous),
         mentries      |-> SubSeq(log'[i], previous + 1, Len(log'[i])),
         mcommitIndex  |-> commitIndex'[i],
         msource       |-> i,
         mdest         |-> j]

AppendToAll(i) == {AppendTo(i, j) : j \in Server \ {i}}

\* The last index that a quorum holds, if its entry is of the leader's own term (paper, section 5.4.2).
CommittedBy(i) ==
    LET holders(n) == {i} \union {j \in Server : matchIndex'[i][j] >= n}
        agreed     == {n \in 1..Len(log'[i]) : IsQuorum(holders(n))}
        last       == IF agreed = {} THEN 0 ELSE Largest(agreed)
    IN  IF last > commitIndex[i] /\ log'[i][last].term = currentTerm'[i] THEN last ELSE commitIndex[i]

Advance(i) == commitIndex' = [commitIndex EXCEPT ![i] = CommittedBy(i)]

-----------------------------------------------------------------------------
\* Elections

\* A candidate has these votes: it leads if they are a quorum.
HasVotes(i, votes, taken, requests) ==
    /\ votesGranted' = [votesGranted EXCEPT ![i] = votes]
    /\ IF IsQuorum(votes)
       THEN /\ state'      = [state EXCEPT ![i] = Leader]
            /\ log'        = [log EXCEPT ![i] = IF NoOp
                                                THEN Append(@, [term |-> currentTerm'[i], value |-> "no-op"])
                                                ELSE @]
            /\ nextIndex'  = [nextIndex EXCEPT ![i] = [j \in Server |-> Len(log[i]) + 1]]
            /\ matchIndex' = [matchIndex EXCEPT ![i] = [j \in Server |-> 0]]
            /\ Advance(i)
            /\ Transmit(taken, requests \union AppendToAll(i))
       ELSE /\ state' = [state EXCEPT ![i] = Candidate]
            /\ UNCHANGED <<logVars, leaderVars>>
            /\ Transmit(taken, requests)

\* The election timer of i fires: a new term, a vote for itself, and a request to every other server.
StartElection(i) ==
    /\ state[i] \in {Follower, Candidate}
    /\ currentTerm'    = [currentTerm EXCEPT ![i] = @ + 1]
    /\ votedFor'       = [votedFor EXCEPT ![i] = i]
    /\ votesResponded' = [votesResponded EXCEPT ![i] = {i}]
    /\ HasVotes(i, {i}, {}, {[mtype         |-> RequestVoteRequest,
                              mterm         |-> currentTerm'[i],
                              mlastLogTerm  |-> LastTerm(log[i]),
                              mlastLogIndex |-> Len(log[i]),
                              msource       |-> i,
                              mdest         |-> j] : j \in Server \ {i}})

\* What m means for the term of its receiver i: a newer term makes it a follower that has not voted.
TermAfter(i, m) == Max(currentTerm[i], m.mterm)
RoleAfter(i, m) == IF m.mterm > currentTerm[i] THEN Follower ELSE state[i]
VoteAfter(i, m) == IF m.mterm > currentTerm[i] THEN Nil ELSE votedFor[i]

TakeTerm(i, m) ==
    /\ currentTerm' = [currentTerm EXCEPT ![i] = TermAfter(i, m)]
    /\ state'       = [state EXCEPT ![i] = RoleAfter(i, m)]
    /\ votedFor'    = [votedFor EXCEPT ![i] = VoteAfter(i, m)]

\* One vote a term, and only for a log that is at least as up to date (paper, section 5.4.1).
AnswerVoteRequest(i, m) ==
    LET upToDate == \/ m.mlastLogTerm > LastTerm(log[i])
                    \/ m.mlastLogTerm = LastTerm(log[i]) /\ m.mlastLogIndex >= Len(log[i])
        granted  == m.mterm >= currentTerm[i] /\ upToDate /\ VoteAfter(i, m) \in {Nil, m.msource}
    IN  /\ currentTerm' = [currentTerm EXCEPT ![i] = TermAfter(i, m)]
        /\ state'       = [state EXCEPT ![i] = RoleAfter(i, m)]
        /\ votedFor'    = [votedFor EXCEPT ![i] = IF granted THEN m.msource ELSE VoteAfter(i, m)]
        /\ UNCHANGED <<logVars, candidateVars, leaderVars>>
        /\ Transmit({m}, {[mtype        |-> RequestVoteResponse,
                           mterm        |-> TermAfter(i, m),
                           mvoteGranted |-> granted,
                           msource      |-> i,
                           mdest        |-> m.msource]})

\* Only a candidate of the response's own term counts it.
CountVote(i, m) ==
    IF m.mterm = currentTerm[i] /\ state[i] = Candidate
    THEN /\ UNCHANGED <<currentTerm, votedFor>>
         /\ votesResponded' = [votesResponded EXCEPT ![i] = @ \union {m.msource}]
         /\ HasVotes(i, votesGranted[i] \union (IF m.mvoteGranted THEN {m.msource} ELSE {}), {m}, {})
    ELSE /\ TakeTerm(i, m)
         /\ UNCHANGED <<logVars, candidateVars, leaderVars>>
         /\ Transmit({m}, {})

-----------------------------------------------------------------------------
\* Replication

\* A client's command reaches the leader i, which appends it and sends it to all.
ClientRequest(i, v) ==
    /\ state[i] = Leader
    /\ log' = [log EXCEPT ![i] = Append(@, [term |-> currentTerm[i], value |-> v])]
    /\ UNCHANGED <<serverVars, candidateVars, leaderVars>>
    /\ Advance(i)
    /\ Transmit({}, AppendToAll(i))

\* The heartbeat timer of the leader i fires: it sends every peer what the peer may lack.
Heartbeat(i) ==
    /\ state[i] = Leader
    /\ UNCHANGED <<serverVars, log, candidateVars, leaderVars>>
    /\ Advance(i)
    /\ Transmit({}, AppendToAll(i))

\* The log with these entries behind the index previous. What is there already stays, and all behind it with it; an
\* entry of another term at the same index, and all behind it, give way.
Merge(entries, previous, new) ==
    LET conflict == \E n \in 1..Len(new) : previous + n <= Len(entries) /\ entries[previous + n].term # new[n].term
    IN  IF conflict \/ previous + Len(new) > Len(entries)
        THEN SubSeq(entries, 1, previous) \o new
        ELSE entries

AppendAnswer(i, m, success, match) ==
    [mtype       |-> AppendEntriesResponse,
     mterm       |-> TermAfter(i, m),
     msuccess    |-> success,
     mmatchIndex |-> match,
     msource     |-> i,
     mdest       |-> m.msource]

\* A request of an earlier term is refused. Any other makes the receiver a follower, which takes the entries if its log
\* agrees with the leader's just before them. Two leaders of one term never meet.
AnswerAppendRequest(i, m) ==
    LET agrees == m.mprevLogIndex <= Len(log[i]) /\ TermAt(log[i], m.mprevLogIndex) = m.mprevLogTerm
        last   == m.mprevLogIndex + Len(m.mentries)
    IN  /\ UNCHANGED <<candidateVars, leaderVars>>
        /\ IF m.mterm < currentTerm[i]
           THEN /\ UNCHANGED <<serverVars, logVars>>
                /\ Transmit({m}, {AppendAnswer(i, m, FALSE, 0)})
           ELSE /\ RoleAfter(i, m) # Leader
                /\ currentTerm' = [currentTerm EXCEPT ![i] = TermAfter(i, m)]
                /\ state'       = [state EXCEPT ![i] = Follower]
                /\ votedFor'    = [votedFor EXCEPT ![i] = VoteAfter(i, m)]
                /\ IF agrees
                   THEN /\ log'         = [log EXCEPT ![i] = Merge(@, m.mprevLogIndex, m.mentries)]
                        /\ commitIndex' = [commitIndex EXCEPT ![i] = Max(@, Min(m.mcommitIndex, last))]
                        /\ Transmit({m}, {AppendAnswer(i, m, TRUE, last)})
                   ELSE /\ UNCHANGED logVars
                        /\ Transmit({m}, {AppendAnswer(i, m, FALSE, 0)})

\* A leader notes what its peer holds, or goes back by one entry and tries again at once.
TakeAppendAnswer(i, m) ==
    LET j     == m.msource
        match == IF m.msuccess THEN Max(matchIndex[i][j], m.mmatchIndex) ELSE matchIndex[i][j]
        next  == Max(IF m.msuccess THEN nextIndex[i][j] ELSE nextIndex[i][j] - 1, match + 1)
    IN  IF m.mterm = currentTerm[i] /\ state[i] = Leader
        THEN /\ UNCHANGED <<serverVars, log, candidateVars>>
             /\ matchIndex' = [matchIndex EXCEPT ![i] = [@ EXCEPT ![j] = match]]
             /\ nextIndex'  = [nextIndex EXCEPT ![i] = [@ EXCEPT ![j] = next]]
             /\ Advance(i)
             /\ Transmit({m}, IF ~m.msuccess THEN {AppendTo(i, j)}
                               ELSE IF Reads /\ commitIndex'[i] > commitIndex[i] THEN AppendToAll(i) ELSE {})
        ELSE /\ TakeTerm(i, m)
             /\ UNCHANGED <<logVars, candidateVars, leaderVars>>
             /\ Transmit({m}, {})

-----------------------------------------------------------------------------
\* Messages that arrive, and crashes

Receive(m) ==
    CASE m.mtype = RequestVoteRequest    -> AnswerVoteRequest(m.mdest, m)
      [] m.mtype = RequestVoteResponse   -> CountVote(m.mdest, m)
      [] m.mtype = AppendEntriesRequest  -> AnswerAppendRequest(m.mdest, m)
      [] m.mtype = AppendEntriesResponse -> TakeAppendAnswer(m.mdest, m)

\* A server crashes, or restarts: its term, its vote and its log are on disk, and all the rest begins anew.
Restart(i) ==
    /\ UNCHANGED <<messages, currentTerm, votedFor, log>>
    /\ state' = With(state, i, Follower) /\ commitIndex' = With(commitIndex, i, 0)
    /\ votesResponded' = With(votesResponded, i, {}) /\ votesGranted' = With(votesGranted, i, {})
    /\ nextIndex' = With(nextIndex, i, FirstIndexes) /\ matchIndex' = With(matchIndex, i, NoMatches)

Next ==
    \/ \E i \in Server : StartElection(i) \/ Heartbeat(i) \/ Restart(i)
    \/ \E i \in Server, v \in Value : ClientRequest(i, v)
    \/ \E m \in DOMAIN messages : Receive(m) \/ Lose(m)

Spec == Init /\ [][Next]_vars

=============================================================================
