#!/bin/sh
# Which certificate ends when: one line a site, the first to end at the top. With nothing but curl.
#
#   URL=https://127.0.0.1:2087 TOKEN=root:PSW… CA=data/tls/cert.pem sh examples/certificate-dashboard.sh
#
# TOKEN is USER:SECRET of a token that holds ssl-info and nothing else. Such a token can read private keys too (fetchsslinfo), so give it the
# addresses that it works from. CA is the server's certificate; leave it out where the system knows the authority.
# Ends with 1 when a certificate ends within WARN_DAYS (21), so that cron or a monitoring system can run it; with 2 when it could not be asked.
set -eu
: "${URL:?the server, for example https://127.0.0.1:2087}"
: "${TOKEN:?USER:SECRET of a token that holds ssl-info}"
warn=${WARN_DAYS:-21}

# The header comes from standard input: an argument could be read in the process list.
reply=$(printf 'Authorization: whm %s\n' "$TOKEN" |
  curl --silent --show-error --max-time 20 ${CA:+--cacert "$CA"} --header @- --data api.version=1 "$URL/json-api/fetch_ssl_vhosts") || exit 2
case $reply in
  *'"metadata":{"version":1,"command":"fetch_ssl_vhosts","result":1,'*) ;;
  *)
    echo "not read: $reply" >&2
    exit 2
    ;;
esac

# Each site on a line of its own; the names of the keys are WHM's.
printf '%s' "$reply" | sed 's/{"servername":/\n&/g' |
  sed -n 's/^{"servername":"\([^"]*\)","user":"\([^"]*\)".*"issuer\.commonName":"\([^"]*\)".*"not_after":\([0-9]*\).*/\4|\1|\2|\3/p' |
  sort -n | {
  code=0
  now=$(date +%s)
  while IFS='|' read -r ends site user issuer; do
    days=$(((ends - now) / 86400))
    mark=ok
    if [ "$days" -lt "$warn" ]; then
      mark=SOON
      code=1
    fi
    printf '%-4s %5d days  %s  %s  (%s)\n' "$mark" "$days" "$site" "$user" "$issuer"
  done
  exit "$code"
}
