// node suite.mjs ORIGIN-PORT CACHE-URL: the public suite for HTTP caches, its origin included.
// A line for each test: OUTCOME KIND ID DETAIL, and `done` at the end. The outcome is the suite's own word:
// pass, fail, dependency (a test that this one builds on did not pass), setup, harness, retry, untested.
import { tmpdir } from 'os'

const [, , port, base] = process.argv
process.env.npm_config_protocol = 'http'
process.env.npm_config_port = port
process.env.npm_config_pidfile = `${tmpdir()}/cache-suite-${process.pid}`
await import('http-cache-tests/server/server.mjs')
const { default: fetch } = await import('node-fetch')
const { runTests, getResults } = await import('http-cache-tests/client/runner.mjs')
const { determineTestResult } = await import('http-cache-tests/lib/display.mjs')
const { default: all } = await import('http-cache-tests/tests/index.mjs')

const WORDS = {
  '✅': 'pass', Y: 'pass', '⛔️': 'fail', '⚠️': 'fail', N: 'fail', '⚪️': 'dependency',
  '🔹': 'setup', '⁉️': 'harness', '↻': 'retry', '-': 'untested'
}

// 0.4.5 is of 2021. Where later editions of the suite ask for something else, as RFC 9111 §5.1 does of `Age`, or tell
// a kept response from the cache's own 502, that is asked too, as ID-now.
const FRESH_NOW = [
  'age-parse-nonnumeric', 'age-parse-negative', 'age-parse-float',
  'age-parse-prefix-twoline', 'age-parse-dup-0', 'age-parse-dup-0-twoline'
]

function now (test) {
  const id = `${test.id}-now`
  const requests = structuredClone(test.requests)
  if (FRESH_NOW.includes(test.id)) {
    requests.at(-1).expected_type = 'cached'
    return [{ ...test, id, requests }]
  }
  if (!test.id.startsWith('stale-close-')) return []
  requests[1] = {
    disconnect: true,
    check_body: false,
    expected_status: 502,
    expected_response_headers_missing: ['server-request-count']
  }
  return [{ ...test, id, requests, depends_on: undefined }]
}

for (const suite of all) {
  suite.tests.push(...suite.tests.flatMap(now))
}
await runTests(all, fetch, false, base)
const results = getResults()
for (const { id, kind = 'required' } of all.flatMap(suite => suite.tests)) {
  const result = results[id]
  const detail = Array.isArray(result) ? result.join(': ') : ''
  console.log(`${WORDS[determineTestResult(all, id, results)[2]]} ${kind} ${id} ${detail}`)
}
console.log('done')
process.exit(0)
