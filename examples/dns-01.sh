#!/bin/sh
# Adds or removes the TXT record of a DNS-01 challenge, as certificate clients ask for it. With nothing but curl.
#
#   URL=https://127.0.0.1:2087 TOKEN=root:PSW… ZONE=example.com sh examples/dns-01.sh add _acme-challenge.www VALUE
#   URL=https://127.0.0.1:2087 TOKEN=root:PSW… ZONE=example.com sh examples/dns-01.sh remove _acme-challenge.www VALUE
#
# The name is relative to the zone. TOKEN is USER:SECRET. API says which way to go:
#   whm   (as it is)  a token of root or of the account's reseller with the privilege edit-dns and no other, port 2087
#   uapi  and  api2   a token of the account itself, port 2083
# CA is the server's certificate; leave it out where the system knows the authority. Ends with 0 when it was done.
set -eu
: "${URL:?the server, for example https://127.0.0.1:2087}"
: "${TOKEN:?USER:SECRET of a token that may change the zone}"
: "${ZONE:?the zone, for example example.com}"
api=${API:-whm}
if [ $# -ne 3 ]; then
  echo 'usage: dns-01.sh add|remove NAME VALUE' >&2
  exit 2
fi
action=$1 name=$2 value=$3

fail() {
  echo "dns-01: $*" >&2
  exit 1
}

# What stands in JSON and in patterns below is only what such names and values consist of.
case $name in '' | *[!A-Za-z0-9._-]*) fail "this is no name: $name" ;; esac
case $value in '' | *[!A-Za-z0-9_-]*) fail 'this is no value of a challenge' ;; esac

# The header comes from standard input: an argument could be read in the process list.
send() {
  scheme=$1 path=$2
  shift 2
  printf 'Authorization: %s %s\n' "$scheme" "$TOKEN" |
    curl --silent --show-error --max-time 30 ${CA:+--cacert "$CA"} --header @- "$@" "$URL/$path"
}

# FUNCTION is read or edit; both ways have the same arguments and lines.
zone() {
  function=$1
  shift
  set -- --data-urlencode "zone=$ZONE" "$@"
  case $api-$function in
    whm-read) send whm json-api/parse_dns_zone --data api.version=1 "$@" ;;
    whm-edit) send whm json-api/mass_edit_dns_zone --data api.version=1 "$@" ;;
    uapi-read) send cpanel execute/DNS/parse_zone "$@" ;;
    uapi-edit) send cpanel execute/DNS/mass_edit_zone "$@" ;;
    *) fail "API is none of whm, uapi and api2: $api" ;;
  esac
}

base64_of() {
  printf '%s' "$1" | base64 -w 0
}

one_a_line() {
  sed 's/},{/},\n{/g'
}

# By the serial: when somebody else changed the zone between reading and editing, both are done again.
edit_zone() {
  tries=0
  while [ $tries -lt 5 ]; do
    tries=$((tries + 1))
    lines=$(zone read | one_a_line)
    serial=$(printf '%s\n' "$lines" | sed -n '/"record_type":"SOA"/s/.*"data_b64":\["[^"]*","[^"]*","\([^"]*\)".*/\1/p' | base64 -d)
    [ -n "$serial" ] || fail "the zone cannot be read: $lines"
    found=$(printf '%s\n' "$lines" | grep -F "\"dname_b64\":\"$(base64_of "$name")\"" |
      grep -F "\"data_b64\":[\"$(base64_of "$value")\"]" | sed -n 's/.*"line_index":\([0-9]*\).*/\1/p' | head -n 1)
    case $action-$found in
      add-) change="add={\"dname\":\"$name\",\"ttl\":60,\"record_type\":\"TXT\",\"data\":[\"$value\"]}" ;;
      add-* | remove-) return 0 ;;
      remove-*) change="remove=$found" ;;
      *) fail "neither add nor remove: $action" ;;
    esac
    reply=$(zone edit --data-urlencode "serial=$serial" --data-urlencode "$change")
    case $reply in
      *'"new_serial":"'*) return 0 ;;
      *serial*) ;;
      *) fail "$reply" ;;
    esac
  done
  fail "the zone changes too often: $reply"
}

old() {
  function=$1
  shift
  send cpanel json-api/cpanel --data cpanel_jsonapi_apiversion=2 --data cpanel_jsonapi_module=ZoneEdit \
    --data "cpanel_jsonapi_func=$function" --data-urlencode "domain=$ZONE" "$@"
}

edit_record() {
  case $action in
    add) reply=$(old add_zone_record --data "name=$name" --data type=TXT --data "txtdata=$value" --data ttl=60) ;;
    remove)
      reply=$(old fetchzone_records --data type=TXT --data "name=$name.$ZONE." --data "txtdata=$value")
      line=$(printf '%s' "$reply" | one_a_line | sed -n 's/.*"line":\([0-9]*\).*/\1/p' | head -n 1)
      case $reply in *'"event":{"result":1}'*) [ -n "$line" ] || return 0 ;; *) fail "$reply" ;; esac
      reply=$(old remove_zone_record --data "line=$line")
      ;;
    *) fail "neither add nor remove: $action" ;;
  esac
  case $reply in *'"newserial":"'*) ;; *) fail "$reply" ;; esac
}

if [ "$api" = api2 ]; then edit_record; else edit_zone; fi
