import { setMaxListeners } from 'node:events'

/** A controller to whose signal any number of calls listen at once: that many listeners are no leak. */
export function sharedAbort(): AbortController {
  const controller = new AbortController()
  setMaxListeners(0, controller.signal)
  return controller
}
