"""The product's own settings over a private DATA_DIR: set before they are read, removed at exit."""

import atexit
import os
import shutil
import tempfile

if "DIALTONE_TEST_DATA" not in os.environ:
    os.environ["DIALTONE_TEST_DATA"] = tempfile.mkdtemp(prefix="dialtone-tests-")
    atexit.register(shutil.rmtree, os.environ["DIALTONE_TEST_DATA"], ignore_errors=True)
os.environ.update(
    DATA_DIR=os.environ["DIALTONE_TEST_DATA"],
    SITE_URL="http://status.sipcity.test",
    ALLOWED_HOSTS="status.sipcity.test,testserver,localhost,127.0.0.1",
)

from statuspage import settings as product

globals().update({name: value for name, value in vars(product).items() if name.isupper()})
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
