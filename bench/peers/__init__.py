"""What the suite is measured against: the same facts read by the ``aws`` command and by plain boto3."""
