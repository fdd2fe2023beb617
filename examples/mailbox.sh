#!/bin/sh
# A mail script: makes a mailbox and lets another address forward to it. With nothing but curl.
#
#   URL=https://127.0.0.1:2083 TOKEN=anna:PSC… ADDRESS=sales@example.com PASSWORD=… CA=data/tls/cert.pem sh examples/mailbox.sh
#
# TOKEN is USER:SECRET of a token of the account (at the cPanel service), or of a WHM token that holds cpanel-api (URL with port 2087), for
# any account that its owner may act on. The account needs the features popaccts and forwarders. FORWARD (info@ of the same domain) is the
# address that forwards; QUOTA is in MB (250). CA is the server's certificate; leave it out where the system knows the authority.
# Ends with 0 when both are there, also when they were before.
set -eu
: "${URL:?the server, for example https://127.0.0.1:2083}"
: "${TOKEN:?USER:SECRET of a token}"
: "${ADDRESS:?the address of the mailbox}"
: "${PASSWORD:?the password of the mailbox}"
domain=${ADDRESS#*@}
forward=${FORWARD:-info@$domain}
case ${TOKEN#*:} in
  PSC*) scheme=cpanel ;;
  *) scheme=whm ;;
esac

# What curl is asked for comes from standard input: an argument could be read in the process list.
quoted() { printf '%s' "$1" | sed 's/[\\"]/\\&/g'; }
call() {
  function=$1
  shift
  {
    printf 'header = "Authorization: %s %s"\n' "$scheme" "$(quoted "$TOKEN")"
    for argument in "$@"; do printf 'data-urlencode = "%s"\n' "$(quoted "$argument")"; done
  } | curl --silent --show-error --max-time 20 ${CA:+--cacert "$CA"} --config - "$URL/execute/Email/$function"
}

# HTTP 200 alone does not mean that it was done.
done_or_end() {
  case $2 in
    *'"status":1,'*) echo "$1" ;;
    *)
      echo "not done: $2" >&2
      exit 1
      ;;
  esac
}

reply=$(call add_pop "domain=$domain" "email=${ADDRESS%@*}" "password=$PASSWORD" "quota=${QUOTA:-250}")
case $reply in
  *' already.'*) echo "mailbox $ADDRESS was there" ;;
  *) done_or_end "mailbox $ADDRESS made" "$reply" ;;
esac
# Adding what there is changes nothing.
reply=$(call add_forwarder "domain=$domain" "email=${forward%@*}" fwdopt=fwd "fwdemail=$ADDRESS")
done_or_end "$forward forwards to it" "$reply"
