#!/bin/sh
# Makes the secrets of compose.yaml, once: env files of mode 0600 in secrets/ and front/, beside this script or in the
# folder given. Never overwrites one. Prints no secret.
set -eu
umask 077
cd "${1:-$(dirname "$0")}"

random() { od -An -N32 -tx1 /dev/urandom | tr -d ' \n'; }

if [ -e secrets ]; then
    echo "secrets/ is there already: nothing was changed" >&2
    exit 1
fi
mkdir -p secrets front tls
database=$(random)
printf 'WORKBENCH_ADMIN_TOKEN=%s\nWORKBENCH_RESEARCHER_TOKEN=%s\nWORKBENCH_DATABASE_URL=postgresql+psycopg://workbench:%s@postgres/workbench\n' \
    "$(random)" "$(random)" "$database" >secrets/api.env
printf 'POSTGRES_PASSWORD=%s\n' "$database" >secrets/postgres.env
printf 'GF_SECURITY_ADMIN_PASSWORD=%s\n' "$(random)" >secrets/grafana.env
if [ ! -e front/workbench.env ]; then
    printf 'WORKBENCH_PROXY_SECRET=%s\nWORKBENCH_REQUIRE_SECOND_PERSON=true\n' "$(random)" >front/workbench.env
fi
if [ "$(id -u)" = 0 ]; then
    chown -R 10001:10001 front tls # the user that nginx and the workbench run as
fi
echo "made secrets/ and front/workbench.env; the certificate goes into tls/: fullchain.pem, privkey.pem, owner 10001"
