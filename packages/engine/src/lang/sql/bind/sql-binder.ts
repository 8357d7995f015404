import { bindDomainCheck } from './bind-domain-check.js'
import type { Binder } from './binder.js'
import { callNamed } from './calls/function-call.js'
import { bindExpressionByKind } from './expressions/expression-by-kind.js'
import { bindFromEntry } from './from/bind-from.js'
import { bindChange } from './modify/bind-change.js'
import { analyzeByKind } from './select/analyze-query.js'

/** All of the language. */
export const sqlBinder: Binder = {
  expression: bindExpressionByKind,
  call: callNamed,
  query: analyzeByKind,
  fromEntry: bindFromEntry,
  domainCheck: bindDomainCheck,
  change: bindChange,
}
