"""The job and its state machine; queue.py is the only door to Celery."""
