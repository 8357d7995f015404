import type { HttpContext } from '../http-context.js'
import { openApiRoute } from '../open-api.js'
import { RELEASE } from '../release.js'
import { assignmentRoutes } from './assignment-routes.js'
import { collectionRoutes } from './collection-routes.js'
import { graphRoutes } from './graph-routes.js'
import { healthRoutes } from './health-routes.js'
import { metricsRoute } from './metrics-route.js'
import { objectRoutes } from './object-routes.js'
import type { Route } from './route.js'
import { seriesRoutes } from './series-routes.js'
import { tableRoutes } from './table-routes.js'
import { transactionRoute } from './transaction-route.js'
import { vectorRoutes } from './vector-routes.js'

/** Everything that the server answers. */
export function allRoutes(context: HttpContext): Route[] {
  const routes = [
    ...objectRoutes(context),
    ...tableRoutes(context),
    ...collectionRoutes(context),
    ...graphRoutes(context),
    ...vectorRoutes(context),
    ...seriesRoutes(context),
    transactionRoute(context),
    ...assignmentRoutes(context),
    ...healthRoutes(context),
    metricsRoute(context),
  ]
  return [...routes, openApiRoute(routes, { version: RELEASE, tokens: context.tokens.required })]
}
