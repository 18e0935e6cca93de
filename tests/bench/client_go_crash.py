#!/usr/bin/env python3
"""How long does a crashed leader stay unreplaced under client-go's elector?

A quick discrete-event simulation with one standby, as one writes it to check a setting. `cargo bench -- simulation`
runs it beside `hactl failover`, which plays the same model. Standard library only:

    client_go_crash.py [TRIALS [SEED]]

The leader renews every RETRY seconds. The standby looks at random intervals (wait.JitterUntil with a factor of 1.2),
notices a renewal by the record's time, which is in whole seconds, and takes over at the first look at which nothing has
changed for a whole LEASE by its own clock. The leader crashes at a random time between two renewals.
"""

import heapq
import math
import random
import sys
import time

LEASE = 15.0
RETRY = 2.0
JITTER = 1.2

# The mean time between two looks, and how long the standby looks before anything happens: long enough that where it
# stands between two looks no longer depends on when it was started.
LOOK = RETRY * (1 + JITTER / 2)
WARM_UP = LOOK + 4 * RETRY

RENEW, POLL, CRASH = range(3)


def takeover(rng):
    """Plays one crash: seconds from there until the standby leads."""
    epoch = 1_000_000 + rng.random()  # the wall clock at the start
    crash = WARM_UP + rng.uniform(0, RETRY)
    queue = [(0.0, RENEW), (rng.uniform(0, LOOK), POLL), (crash, CRASH)]
    heapq.heapify(queue)
    alive = True
    renewed = None  # the record: when it was renewed, in whole seconds
    seen, seen_at = None, 0.0  # the standby's copy of it, and when that changed
    while True:
        now, event = heapq.heappop(queue)
        if event == RENEW:
            if alive:
                renewed = int(epoch + now)
                heapq.heappush(queue, (now + RETRY, RENEW))
        elif event == POLL:
            if renewed != seen:
                seen, seen_at = renewed, now
            if now >= seen_at + LEASE:
                return now - crash
            heapq.heappush(queue, (now + rng.uniform(RETRY, RETRY * (1 + JITTER)), POLL))
        else:
            alive = False


def percentile(ordered, percent):
    """The nearest rank."""
    return ordered[max(math.ceil(len(ordered) * percent / 100), 1) - 1]


def main():
    trials = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    seed = int(sys.argv[2]) if len(sys.argv) > 2 else 1
    rng = random.Random(seed)
    wall, cpu = time.perf_counter(), time.process_time()
    times = sorted(takeover(rng) for _ in range(trials))
    mean = sum(times) / trials
    variance = sum((t - mean) ** 2 for t in times) / max(trials - 1, 1)
    p50, p99 = percentile(times, 50), percentile(times, 99)
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    print(f"trials {trials}")
    print(f"mean {mean:.6f}")
    print(f"stdev {math.sqrt(variance):.6f}")
    print(f"p50 {p50:.6f}")
    print(f"p99 {p99:.6f}")
    print(f"wall {wall:.6f}")
    print(f"cpu {cpu:.6f}")
    print(f"trials/s {trials / wall:.0f}")


if __name__ == "__main__":
    main()
