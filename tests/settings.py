"""The product's own settings over a private DATA_DIR: set before they are read, removed at exit.

Each process of pytest-xdist has one of its own, which the processes that its tests start share with it.
"""

import atexit
import os
import shutil
import tempfile

_worker = os.environ.get("PYTEST_XDIST_WORKER", "alone")
if os.environ.get("DIALTONE_TEST_WORKER") != _worker:
    os.environ["DIALTONE_TEST_WORKER"] = _worker
    os.environ["DIALTONE_TEST_DATA"] = tempfile.mkdtemp(prefix="dialtone-tests-")
    atexit.register(shutil.rmtree, os.environ["DIALTONE_TEST_DATA"], ignore_errors=True)
os.environ.update(
    DATA_DIR=os.environ["DIALTONE_TEST_DATA"],
    SITE_URL="http://status.sipcity.test",
    STAFF_MFA="optional",  # the tests of the second factor switch it on
    ALLOWED_HOSTS="status.sipcity.test,testserver,localhost,127.0.0.1",
)

from statuspage import settings as product  # noqa: E402  (the environment comes first)

globals().update({name: value for name, value in vars(product).items() if name.isupper()})
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
