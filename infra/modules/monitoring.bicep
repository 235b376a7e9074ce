// Where logs go, and who is told of what must not stay there unread. Telemetry is accepted from identities only, and this one may publish, not read.
param name string
param location string
param principalId string
param actionGroupIds array

var monitoringMetricsPublisher = '3913510d-42f4-4e42-8a64-420c390055eb'

resource workspace 'Microsoft.OperationalInsights/workspaces@2023-09-01' = {
  name: name
  location: location
  properties: {
    sku: { name: 'PerGB2018' }
    retentionInDays: 90
  }
}

resource insights 'Microsoft.Insights/components@2020-02-02' = {
  name: name
  location: location
  kind: 'web'
  properties: {
    Application_Type: 'web'
    WorkspaceResourceId: workspace.id
    DisableLocalAuth: true
  }
}

resource publish 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(insights.id, principalId, monitoringMetricsPublisher)
  scope: insights
  properties: {
    principalId: principalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', monitoringMetricsPublisher)
  }
}

// Each is the beginning of a line that the app logs at level error.
var alertEvents = [
  'snapshot.suspect'
  'snapshot.failed'
]

resource alerts 'Microsoft.Insights/scheduledQueryRules@2023-12-01' = [
  for event in alertEvents: {
    name: '${name}-${event}'
    location: location
    kind: 'LogAlert'
    properties: {
      displayName: 'Entra Restore: ${event}'
      severity: 1
      enabled: true
      scopes: [insights.id]
      evaluationFrequency: 'PT15M'
      windowSize: 'PT15M'
      criteria: {
        allOf: [
          {
            query: 'traces | where severityLevel == 3 and message startswith "${event} "'
            timeAggregation: 'Count'
            operator: 'GreaterThan'
            threshold: 0
            failingPeriods: { numberOfEvaluationPeriods: 1, minFailingPeriodsToAlert: 1 }
          }
        ]
      }
      // What was found does not mend itself: a person closes it.
      autoMitigate: false
      actions: { actionGroups: actionGroupIds }
    }
  }
]

output connectionString string = insights.properties.ConnectionString
