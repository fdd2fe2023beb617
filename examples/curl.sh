#!/bin/sh
# Makes a token that can only list accounts, calls with it, is refused what it may not do, and revokes it: with nothing but curl.
#
#   URL=https://127.0.0.1:2087 TOKEN=root:PSW… CA=data/tls/cert.pem sh examples/curl.sh
#
# TOKEN is USER:SECRET of a token that may manage tokens. CA is the server's certificate; leave it out where the system knows the
# authority.
set -eu
: "${URL:?the server, for example https://127.0.0.1:2087}"
: "${TOKEN:?USER:SECRET of a token with the privilege manage-api-tokens}"

# The header comes from standard input: an argument could be read in the process list.
call() {
  credential=$1 function=$2
  shift 2
  printf 'Authorization: whm %s\n' "$credential" |
    curl --silent --show-error ${CA:+--cacert "$CA"} --header @- --data 'api.version=1' "$@" "$URL/json-api/$function"
}

name="example-curl-$$"
echo "Making the token $name"
made=$(call "$TOKEN" api_token_create --data "token_name=$name" --data 'acl=list-accts')
secret=$(printf '%s' "$made" | sed -n 's/.*"token":"\([0-9A-Z]*\)".*/\1/p')
if [ -z "$secret" ]; then
  echo "not made: $made" >&2
  exit 1
fi
narrow="${TOKEN%%:*}:$secret"

echo 'It lists accounts:'
call "$narrow" listaccts --data 'want=user,domain'
echo
echo 'It may not remove one:'
call "$narrow" removeacct --data 'username=nobody'
echo
echo 'It is revoked, and refused from then on:'
call "$TOKEN" api_token_revoke --data "token_name=$name" >/dev/null
call "$narrow" version
echo
