"""Django's settings, read from the environment and the environment file alone. Wiring, nothing else."""

import os
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

from csp.constants import NONE, SELF

from incidents.domain.body_limits import WORDS_BYTES
from statuspage import env_file
from statuspage.environ import Environment, stop_if_wrong
from statuspage.helpers import configured_cache, configured_database
from statuspage.installation_keys import InstallationKeys
from statuspage.logs import logging_config
from statuspage.owner import require_owner
from statuspage.secrets_on_disk import earlier_secrets, keep_private, kept_secret

BASE_DIR = Path(__file__).resolve().parent.parent
env_file.load(os.environ, default_dir=BASE_DIR / "var")
env = Environment(problems=[])
MAIL_SERVICES = (
    *("brevo", "mailersend", "mailgun", "mailjet", "mandrill", "postal", "postmark", "resend", "scaleway"),
    *("sendgrid", "sparkpost", "unisender_go"),
)
"""What django-anymail speaks to with nothing more to install."""

# Where things are kept
DATA_DIR = env.path("DATA_DIR", BASE_DIR / "var")
require_owner(DATA_DIR)
keep_private(DATA_DIR)
PUBLISH_DIR = env.path("PUBLISH_DIR", DATA_DIR / "published")
MEDIA_ROOT = env.path("MEDIA_ROOT", DATA_DIR / "media")
DATABASE = env.database("DATABASE_URL", f"sqlite:///{quote(str(DATA_DIR / 'dialtone.sqlite3'))}")

# Who we are
DEBUG = env.flag("DEBUG")
SECRET_KEY_FALLBACKS = env.secrets("SECRET_KEY_FALLBACKS")
CREDENTIALS_KEY_PREVIOUS = env.text("CREDENTIALS_KEY_PREVIOUS", "")
AUDIT_KEY_PLACE = DATA_DIR / "audit_key"
AUDIT_KEY_IS_KEPT = not env.text("AUDIT_KEY", "")
AUDIT_KEY_PREVIOUS = [*env.text("AUDIT_KEY_PREVIOUS", "").split(), *earlier_secrets(AUDIT_KEY_PLACE)]
SIGNING_DIR = DATA_DIR / "signing"
SIGNING_KEY = env.ed25519("SIGNING_KEY")
IS_MANAGE_COMMAND = Path(sys.argv[0]).name == "manage.py"
SITE_URL = env.web_address("SITE_URL", "http://127.0.0.1:8000")
SECURITY_CONTACT = env.contacts("SECURITY_CONTACT")
ALLOWED_HOSTS = env.words("ALLOWED_HOSTS", f".localhost,127.0.0.1,[::1],{urlsplit(SITE_URL).hostname}")
CSRF_TRUSTED_ORIGINS = [SITE_URL]
TRUSTED_PROXIES = env.networks("TRUSTED_PROXIES", "127.0.0.0/8,::1")

INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "django_htmx",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "incidents",
]
MIDDLEWARE = [
    "incidents.web.caching.Caching",  # outside of all that sets cookies
    "incidents.web.clients.TrustedProxyMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "allauth.usersessions.middleware.UserSessionsMiddleware",
    "incidents.web.staff_cookie.StaffCookieMiddleware",
]
ROOT_URLCONF = "statuspage.urls"
WSGI_APPLICATION = "statuspage.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ]
        },
    }
]

# Rows
DATABASE_POOLER = env.choice("DATABASE_POOLER", "none", ("none", "transaction"))
DATABASES: dict[str, dict[str, Any]] = {
    "default": configured_database(DATABASE, has_pooler=DATABASE_POOLER == "transaction")
}
# Rate limits and drafts of a moment: in the web process's memory, unless several of them should share it.
CACHES = {"default": configured_cache(env.cache("CACHE_URL", "locmemcache://?max_entries=100000"))}

# The doorbell
CELERY_BROKER_URL = env.broker("CELERY_BROKER_URL", f"filesystem://{DATA_DIR / 'broker'}")

# Probing and telling
PROBE_CONCURRENCY = env.number("PROBE_CONCURRENCY", 2000, least=1, most=10_000)
CANARY_TARGETS = env.words("CANARY_TARGETS", "")
NOTIFY_HOLD = timedelta(seconds=env.number("NOTIFY_HOLD_SECONDS", 0, most=3600))
WEBHOOK_ALLOW_PRIVATE = env.networks("WEBHOOK_ALLOW_PRIVATE")
METRICS_TOKEN = env.text("METRICS_TOKEN", "")
DEFAULT_FROM_EMAIL = env.text("DEFAULT_FROM_EMAIL", f"status@{urlsplit(SITE_URL).hostname}")
SERVER_EMAIL = DEFAULT_FROM_EMAIL
_email = env.email("EMAIL_URL", f"filemail://{DATA_DIR / 'mail'}")
EMAIL_BACKEND = _email["EMAIL_BACKEND"]
EMAIL_TLS = _email["EMAIL_TLS"]
if EMAIL_BACKEND == "django.core.mail.backends.smtp.EmailBackend":
    EMAIL_BACKEND = "incidents.channels.smtp_backend.SmtpBackend"
EMAIL_HOST = _email["EMAIL_HOST"] or "localhost"
EMAIL_PORT = _email["EMAIL_PORT"] or 25
EMAIL_HOST_USER = _email["EMAIL_HOST_USER"] or ""
EMAIL_HOST_PASSWORD = _email["EMAIL_HOST_PASSWORD"] or ""
EMAIL_USE_TLS = _email.get("EMAIL_USE_TLS", False)
EMAIL_USE_SSL = _email.get("EMAIL_USE_SSL", False)
EMAIL_FILE_PATH = f"/{_email['EMAIL_FILE_PATH']}"
EMAIL_SERVICE = env.choice("EMAIL_SERVICE", "", ("", *MAIL_SERVICES))
if EMAIL_SERVICE:
    INSTALLED_APPS.append("anymail")
    EMAIL_BACKEND = f"anymail.backends.{EMAIL_SERVICE}.EmailBackend"
    _events_secret = env.text("EMAIL_EVENTS_SECRET", "") or kept_secret(DATA_DIR / "email_events_secret")
    ANYMAIL = {
        **env.pairs("EMAIL_SERVICE_OPTIONS"),
        "WEBHOOK_SECRET": f"dialtone:{_events_secret}",
        "REQUESTS_TIMEOUT": 20,
    }
EMAIL_TIMEOUT = env.number("EMAIL_TIMEOUT_SECONDS", 20, least=1, most=30)
EMAIL_CONFIRM_SECONDS = env.number("EMAIL_CONFIRM_SECONDS", 600, least=1, most=3600)

# Staff: people are made by the admin, nobody signs up.
AUTHENTICATION_BACKENDS = ["incidents.web.sign_in.StaffBackend"]
PASSWORD_RESET_TIMEOUT = 3 * 86_400
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in ("UserAttributeSimilarityValidator", "MinimumLengthValidator", "CommonPasswordValidator")
]
ACCOUNT_ADAPTER = "incidents.web.accounts.StaffAdapter"
# What a mailbox gets is counted in the database (operations.quotas), whoever asks for it.
ACCOUNT_RATE_LIMITS = {"unsent": "10/m/ip", "reset_password": "10/h/ip", "words_preview": "120/m/user"}
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False
ACCOUNT_EMAIL_NOTIFICATIONS = False  # a row first: operations.account_mails
ACCOUNT_PASSWORD_RESET_TOKEN_GENERATOR = "django.contrib.auth.tokens.PasswordResetTokenGenerator"  # noqa: S105  (a class)
ACCOUNT_FORMS = {"reset_password": "incidents.web.account_forms.PasswordLinkForm"}
ACCOUNT_REAUTHENTICATION_TIMEOUT = 600
ACCOUNT_SESSION_REMEMBER = False
STAFF_MFA_REQUIRED = env.choice("STAFF_MFA", "required", ("required", "optional")) == "required"
MFA_ADAPTER = "incidents.web.accounts.StaffMfaAdapter"
MFA_FORMS = {
    "authenticate": "incidents.web.account_forms.CodeForm",
    "reauthenticate": "incidents.web.account_forms.CodeAgainForm",
    "activate_totp": "incidents.web.account_forms.NewAppForm",
    "authenticate_webauthn": "incidents.web.account_forms.KeyForm",
    "reauthenticate_webauthn": "incidents.web.account_forms.KeyAgainForm",
    "login_webauthn": "incidents.web.account_forms.KeyAloneForm",
    "add_webauthn": "incidents.web.account_forms.NewKeyForm",
}
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_ALLOW_UNVERIFIED_EMAIL = True  # addresses are written by an admin
MFA_TOTP_ISSUER = "Dialtone"
MFA_TOTP_TOLERANCE = 1
MFA_RECOVERY_CODES_SHOW_ONCE = True
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = urlsplit(SITE_URL).hostname == "localhost"
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_LOGIN_METHODS = {"username", "email"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "email*", "password1*", "password2*"]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/console/"
LOGOUT_REDIRECT_URL = "/"

# The management API
API_KEY_IN_URL = env.flag("API_KEY_IN_URL")
REST_FRAMEWORK = {
    "DEFAULT_SCHEMA_CLASS": "incidents.api.described.Described",
    "EXCEPTION_HANDLER": "incidents.api.errors.answer",
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "UNAUTHENTICATED_USER": None,
    "DATETIME_INPUT_FORMATS": ["iso-8601"],
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Dialtone management API",
    "DESCRIPTION": "Statuspage's v1, and what it lacks (marked x-dialtone-extension). Help: /help/api/.",
    "VERSION": "1.0",
    "OAS_VERSION": "3.1.1",
    "SCHEMA_PATH_PREFIX": "/v1",
    "SERVE_INCLUDE_SCHEMA": False,
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "COMPONENT_SPLIT_REQUEST": True,
    "POSTPROCESSING_HOOKS": [],
}

# Bounds on what a stranger may send
DATA_UPLOAD_MAX_MEMORY_SIZE = WORDS_BYTES
DATA_UPLOAD_MAX_NUMBER_FILES = 10
FILE_UPLOAD_PERMISSIONS = 0o600  # Django would ignore the umask
FILE_UPLOAD_DIRECTORY_PERMISSIONS = 0o700

# What browsers may do with us
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
    }
}
X_FRAME_OPTIONS = "DENY"
SECURE_REFERRER_POLICY = "strict-origin-when-cross-origin"
_https = SITE_URL.startswith("https://")
SECURE_SSL_REDIRECT = _https
SECURE_REDIRECT_EXEMPT = [r"^readyz$", r"^metrics$"]  # asked from inside, past the proxy
SECURE_HSTS_SECONDS = 31_536_000 if _https else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = env.flag("HSTS_SUBDOMAINS") and _https
# W005 and W021 ask for the line above always, but the names beside and below ours are not ours to bind to https.
SILENCED_SYSTEM_CHECKS = ["security.W005", "security.W021"]
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = _https
SESSION_COOKIE_AGE = 8 * 3600
if _https:  # a cookie of these names is taken from this host over TLS alone
    SESSION_COOKIE_NAME, CSRF_COOKIE_NAME = "__Host-session", "__Host-csrf"

# Words and times
TIME_ZONE = env.zone("TIME_ZONE", "UTC")
USE_TZ = True
USE_I18N = True
LANGUAGE_CODE = "en"

# Style sheets and scripts: WhiteNoise serves these only; public documents have their own front.
STATIC_URL = "/static/"
STATICFILES_DIRS = [BASE_DIR / "static"]
STATIC_ROOT = DATA_DIR / "static"
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = False
WHITENOISE_MAX_AGE = 3600

LOGGING = logging_config(
    form=env.choice("LOG_FORMAT", "text", ("text", "json")), level="DEBUG" if DEBUG else "INFO"
)
# What strangers guess at is logged once a minute, not once a guess.
LOGGING["filters"] = {"repeated refusals": {"()": "incidents.web.repeated_refusals.RepeatedRefusals"}}
for _name in ("django.request", "django.security.csrf", "django.security.DisallowedHost"):
    LOGGING["loggers"][_name] = {"filters": ["repeated refusals"]}
LOGGING_CONFIG = "logging.config.dictConfig"
stop_if_wrong(env)

# The keys: last, because one that is made beside a mistyped database would be taken for the right one later.
_keys = InstallationKeys(env, DATA_DIR, DATABASE)
SECRET_KEY = _keys.value("SECRET_KEY", previous=SECRET_KEY_FALLBACKS)
CREDENTIALS_KEY = _keys.value("CREDENTIALS_KEY", previous=CREDENTIALS_KEY_PREVIOUS)
AUDIT_KEY = _keys.value("AUDIT_KEY", previous=AUDIT_KEY_PREVIOUS)
STATIC_ROOT.mkdir(exist_ok=True)
