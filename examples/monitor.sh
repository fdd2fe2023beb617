#!/bin/sh
# A monitor's round: reads what there is to know of the server and its accounts, and changes nothing. With nothing but curl.
#
#   URL=https://127.0.0.1:2087 TOKEN=root:PSW… CA=data/tls/cert.pem sh examples/monitor.sh
#
# TOKEN is USER:SECRET of a token with exactly these privileges; without any one of them the round fails and says where:
# basic-whm-functions basic-system-info status stats list-accts show-bandwidth acct-summary suspend-acct list-pkgs
# API_VERSION=0 asks as old clients do, without a version. CA is the server's certificate; leave it out where the system knows the
# authority. Ends with 0 when all is well, so that cron or a monitoring system can run it.
set -eu
: "${URL:?the server, for example https://127.0.0.1:2087}"
: "${TOKEN:?USER:SECRET of a token with the privileges above}"
version=${API_VERSION:-1}

# The header comes from standard input: an argument could be read in the process list.
call() {
  function=$1
  shift
  if [ "$version" != 0 ]; then set -- "$@" --data "api.version=$version"; fi
  printf 'Authorization: whm %s\n' "$TOKEN" |
    curl --silent --show-error --max-time 20 ${CA:+--cacert "$CA"} --header @- --data '' "$@" "$URL/json-api/$function"
}

# HTTP 200 alone does not mean that it was done: a failure says so in its own place in each shape.
failed=0
check() {
  reply=$(call "$@") || reply='no answer'
  case $reply in
    *'"result":0,'* | *'"status":0,'* | *'"result":"0"'* | *'"error":'* | 'no answer')
      echo "FAILED $1: $reply" >&2
      failed=1
      ;;
    *) echo "ok $1 $(printf '%s' "$reply" | wc -c) bytes" ;;
  esac
}

check version
check gethostname
check systemloadavg
check servicestatus
check getdiskusage
check listaccts --data 'want=user,domain,suspended,diskused'
check get_disk_usage
check showbw
check get_domain_info
check acctcounts
check listsuspended
check listpkgs
exit "$failed"
