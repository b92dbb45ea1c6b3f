------------------------------ MODULE RaftModel ------------------------------
\* RaftSteps within bounds, with the safety properties of the paper's Figure 3, for a search of every state by TLC.
\*
\* The network keeps all mail (see Transmit), so the bounds are of what the servers do of their own accord: how high terms
\* go, how long logs grow, and how many commands, crashes and rounds of heartbeats there are.

EXTENDS RaftSteps

CONSTANTS
    MaxTerm,      \* no server starts an election in this term or a later one
    MaxEntries,   \* no leader takes a command where its log has so many entries
    MaxCommands,
    MaxCrashes,
    MaxRounds,    \* 0 is no bound
    Heartbeats,   \* FALSE where leaders send none
    Command       \* Command[i][n] is what the leader i is asked to put at the index n

\* What is left of the bounds.
VARIABLES commands, crashes, rounds

\* What only somebody outside could know, and no server does: who led which term, as <<term, server>>; what was first
\* committed at each index, with the term of the leader that did; and what was first applied there.
VARIABLES leaders, committed, applied

bounds  == <<commands, crashes, rounds>>
history == <<leaders, committed, applied>>

BoundsInit == commands = MaxCommands /\ crashes = MaxCrashes /\ rounds = MaxRounds

-----------------------------------------------------------------------------
\* The history after a step. At most one server has changed in it.

Elected(i) == state'[i] = Leader /\ (state[i] # Leader \/ currentTerm'[i] # currentTerm[i])

\* What i has committed in this step, behind the first so many entries.
Fresh(i, known) == SubSeq(log'[i], known + 1, commitIndex'[i])

Observe ==
    LET leading  == {i \in Server : state'[i] = Leader /\ commitIndex'[i] > Len(committed)}
        applying == {i \in Server : commitIndex'[i] > Len(applied)}
    IN  /\ leaders' = leaders \union {<<currentTerm'[i], i>> : i \in {k \in Server : Elected(k)}}
        /\ committed' = IF leading = {} THEN committed
                        ELSE LET i   == CHOOSE k \in leading : TRUE
                                 new == Fresh(i, Len(committed))
                             IN  committed \o [n \in 1..Len(new) |-> [entry |-> new[n], term |-> currentTerm'[i]]]
        /\ applied' = IF applying = {} THEN applied
                      ELSE applied \o Fresh(CHOOSE k \in applying : TRUE, Len(applied))

-----------------------------------------------------------------------------

Act(i) ==
    \/ /\ currentTerm[i] < MaxTerm
       /\ StartElection(i)
       /\ UNCHANGED bounds
    \/ /\ Heartbeats
       /\ MaxRounds = 0 \/ rounds > 0
       /\ Heartbeat(i)
       /\ rounds' = IF MaxRounds = 0 THEN rounds ELSE rounds - 1
       /\ UNCHANGED <<commands, crashes>>
    \/ /\ commands > 0
       /\ Len(log[i]) < MaxEntries
       /\ ClientRequest(i, Command[i][Len(log[i]) + 1])
       /\ commands' = commands - 1
       /\ UNCHANGED <<crashes, rounds>>
    \/ /\ crashes > 0
       /\ Restart(i)
       /\ crashes' = crashes - 1
       /\ UNCHANGED <<commands, rounds>>

ModelNext ==
    /\ \/ \E i \in Server : Act(i)
       \/ \E m \in DOMAIN messages : Receive(m) /\ UNCHANGED bounds
    /\ Observe

\* Two states are one where they differ only in what no action reads: the votes of a server that is no candidate, the
\* indexes of one that does not lead, its index for itself, and who has answered.
View ==
    <<DOMAIN messages, serverVars, logVars,
      [i \in Server |-> IF state[i] = Follower THEN {} ELSE votesGranted[i]],
      [i \in Server |-> [j \in IF state[i] = Leader THEN Server \ {i} ELSE {} |-> <<nextIndex[i][j], matchIndex[i][j]>>]],
      bounds, history>>

-----------------------------------------------------------------------------
\* The properties, under the names that they have in the paper.

\* At most one leader is elected in a term.
ElectionSafety == \A a \in leaders, b \in leaders : a[1] = b[1] => a = b

\* A leader never overwrites or removes entries of its own log.
LeaderAppendOnly ==
    [][\A i \in Server :
           state[i] = Leader /\ state'[i] = Leader /\ currentTerm'[i] = currentTerm[i] =>
               Len(log'[i]) >= Len(log[i]) /\ SubSeq(log'[i], 1, Len(log[i])) = log[i]]_vars

\* Two logs that hold an entry of the same term at the same index are identical up to it.
LogMatching ==
    \A i \in Server, j \in Server :
        \A n \in 1..Min(Len(log[i]), Len(log[j])) :
            log[i][n].term = log[j][n].term => SubSeq(log[i], 1, n) = SubSeq(log[j], 1, n)

\* An entry committed in a term is in the log of every leader of a later term.
LeaderCompleteness ==
    \A i \in Server : state[i] = Leader =>
        \A n \in 1..Len(committed) : committed[n].term < currentTerm[i] =>
            n <= Len(log[i]) /\ log[i][n] = committed[n].entry

\* No two servers ever apply different entries at the same index.
StateMachineSafety ==
    \A i \in Server : \A n \in 1..commitIndex[i] : n <= Len(log[i]) /\ log[i][n] = applied[n]

=============================================================================
