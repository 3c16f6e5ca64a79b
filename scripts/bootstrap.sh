# Sourced by start and test: the right Node, pnpm and the dependencies.
cd "$(dirname "${BASH_SOURCE[0]}")/.."

fail() { printf '\n%s\n\n' "$1" >&2; exit 1; }

command -v node >/dev/null || fail 'Node is missing. Install Node 20.19 or later (22 or 24 recommended): https://nodejs.org'
node -e 'const [a, b] = process.versions.node.split(".").map(Number); process.exit(a > 20 || (a === 20 && b >= 19) ? 0 : 1)' ||
  fail "Node $(node --version) is too old. Install Node 20.19 or later (22 or 24 recommended): https://nodejs.org"

wanted_pnpm=$(node -p 'require("./package.json").packageManager.split("@")[1]')
if [[ "$(pnpm --version 2>/dev/null)" != 10.* ]]; then
  if [[ ! -x .muster/tools/node_modules/.bin/pnpm ]]; then
    echo "pnpm 10 is not on the PATH: installing pnpm $wanted_pnpm under .muster/tools"
    npm install --silent --no-audit --no-fund --prefix .muster/tools "pnpm@$wanted_pnpm" ||
      fail "pnpm could not be installed. Install it yourself: npm install --global pnpm@$wanted_pnpm"
  fi
  PATH="$PWD/.muster/tools/node_modules/.bin:$PATH"
fi

# pnpm takes seconds to find that nothing is to be done; a copy of the lockfile tells at once.
if ! cmp -s pnpm-lock.yaml node_modules/.installed-lock.yaml; then
  SECONDS=0
  echo 'installing the dependencies'
  pnpm install --frozen-lockfile --reporter=append-only --loglevel=warn ||
    fail 'The dependencies could not be installed: the lines above say why. (Behind an outdated lockfile: run pnpm install.)'
  cp pnpm-lock.yaml node_modules/.installed-lock.yaml
  echo "dependencies are installed  (${SECONDS} s)"
fi

