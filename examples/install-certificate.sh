#!/bin/sh
# Installs a certificate that was made elsewhere, as the deploy step of an ACME client does. With nothing but curl.
#
#   URL=https://127.0.0.1:2087 TOKEN=root:PSW… CA=data/tls/cert.pem \
#     sh examples/install-certificate.sh DOMAIN CERTIFICATE.pem KEY.pem [CHAIN.pem]
#
# TOKEN is USER:SECRET of a token that holds ssl and nothing else: it can install and remove certificates, and read no keys.
# CA is the server's certificate; leave it out where the system knows the authority.
set -eu
: "${URL:?the server, for example https://127.0.0.1:2087}"
: "${TOKEN:?USER:SECRET of a token that holds ssl}"
if [ $# -lt 3 ]; then
  echo "usage: $0 DOMAIN CERTIFICATE.pem KEY.pem [CHAIN.pem]" >&2
  exit 2
fi

# The key goes as a file and the header by standard input: arguments could be read in the process list.
reply=$(printf 'Authorization: whm %s\n' "$TOKEN" |
  curl --silent --show-error --max-time 20 ${CA:+--cacert "$CA"} --header @- --data api.version=1 --data-urlencode "domain=$1" \
    --data-urlencode "crt@$2" --data-urlencode "key@$3" ${4:+--data-urlencode "cab@$4"} "$URL/json-api/installssl")
case $reply in
  *'"metadata":{"version":1,"command":"installssl","result":1,'*) echo "installed on $1" ;;
  *)
    echo "not installed: $reply" >&2
    exit 1
    ;;
esac
