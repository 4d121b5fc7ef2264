"""RQ, in its own environment: hands jobs in as it is told, a line of JSON at a time.

python benchmarks/jobs/rq_side.py SOCKET
"""

from __future__ import annotations

import json
import sys
import uuid

from redis import Redis
from rq import Queue


def main() -> None:
    queue = Queue(connection=Redis(unix_socket_path=sys.argv[1]))
    for line in sys.stdin:
        asked = json.loads(line)
        job = uuid.uuid4().hex
        queue.enqueue("benchmarks.jobs.marks.whole_job", asked["marks"], job, asked["seconds"], job_id=job)
        print(job, flush=True)


if __name__ == "__main__":
    main()
